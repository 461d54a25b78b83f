import type { SymbolKind } from "../protocol/code.ts";
import type { Db } from "../storage/database.ts";
import type { FoundReference, FoundSymbol, ReferenceOptions, SymbolOptions } from "./answers.ts";
import { isTestFile } from "./file-rules.ts";
import { fileOfRow, numbersOf } from "./store.ts";
import { termsOf } from "./words.ts";

interface DefinitionRow {
  path: string;
  name: string;
  kind: SymbolKind;
  line: number;
  endLine: number;
  container: string | null;
  signature: string;
  exported: number;
}

const columns = `path, names.name, kind, line, end_line AS endLine, container, signature, exported
  FROM definitions JOIN names ON names.id = definitions.name JOIN files ON files.id = definitions.file`;

/** Definitions of a name, which may begin with its container (`Store.put`). Exact ones first, then by likeness and path. */
export function symbols(db: Db, name: string, { kind, fuzzy = false, limit = 50 }: SymbolOptions): FoundSymbol[] {
  const [last = "", ...outer] = name.split(/\.|::|#/).reverse();
  const container = outer.reverse().join(".");
  const isWanted = (symbol: FoundSymbol): boolean =>
    (kind === undefined || symbol.kind === kind) &&
    (container === "" || `.${symbol.container ?? ""}`.endsWith(`.${container}`));
  const exact = definitionsOf(db, last).filter(isWanted);
  if (!fuzzy || exact.length >= limit) return exact.slice(0, limit);
  const found = [...exact];
  for (const like of namesLike(db, last)) {
    if (found.length >= limit) break;
    found.push(...definitionsOf(db, like).filter(isWanted));
  }
  return found.slice(0, limit);
}

function definitionsOf(db: Db, name: string): FoundSymbol[] {
  const rows = db
    .prepare<[string], DefinitionRow>(`SELECT ${columns} WHERE names.name = ? ORDER BY path, line LIMIT 1000`)
    .all(name);
  const found = rows.map(symbolOf);
  return [...found.filter(({ path }) => !isTestFile(path)), ...found.filter(({ path }) => isTestFile(path))];
}

/** What is defined in one file, in its order. */
export function outline(db: Db, path: string): FoundSymbol[] {
  return db
    .prepare<[string], DefinitionRow>(`SELECT ${columns} WHERE path = ? ORDER BY position`)
    .all(path)
    .map(symbolOf);
}

function symbolOf({ container, exported, ...row }: DefinitionRow): FoundSymbol {
  return { ...row, ...(container === null ? {} : { container }), exported: exported === 1 };
}

const mostLike = 100;

/** Other names that are like this one, the likest first. */
function namesLike(db: Db, name: string): string[] {
  const likeness = likenessTo(name);
  return db
    .prepare<[], string>("SELECT name FROM names WHERE id IN (SELECT name FROM definitions)")
    .pluck()
    .all()
    .map((other) => ({ other, score: other === name ? 0 : likeness(other) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.other < b.other ? -1 : 1))
    .slice(0, mostLike)
    .map(({ other }) => other);
}

/** From 1, equal but for case, down to 0, not alike. */
function likenessTo(name: string): (other: string) => number {
  const wanted = name.toLowerCase();
  const terms = termsOf(name);
  const mostEdits = Math.min(2, Math.floor(wanted.length / 4));
  return (other) => {
    const lower = other.toLowerCase();
    if (lower === wanted) return 1;
    if (wanted.length > 2 && lower.includes(wanted)) return 0.6 + (0.3 * wanted.length) / lower.length;
    const shared = new Set(termsOf(other));
    const common = terms.filter((term) => shared.has(term)).length;
    if (common === terms.length && common > 0) return 0.5 + 0.1 / shared.size;
    return isWithinEdits(wanted, lower, mostEdits) ? 0.5 : 0;
  };
}

/** Whether one becomes the other by so many insertions, deletions and replacements. */
function isWithinEdits(a: string, b: string, edits: number): boolean {
  if (Math.abs(a.length - b.length) > edits) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  if (restA === restB) return true;
  if (edits === 0) return false;
  const left = edits - 1;
  return (
    isWithinEdits(restA.slice(1), restB, left) ||
    isWithinEdits(restA, restB.slice(1), left) ||
    isWithinEdits(restA.slice(1), restB.slice(1), left)
  );
}

interface ReferenceRow {
  id: number;
  path: string;
  referenced: Buffer;
  lines: Buffer;
  imported: Buffer | null;
}

const sureness = { definition: 0, import: 1, name: 2 } as const;

/** Where a name is used. Names are compared, not what they mean: `by` says how sure each file is. */
export function references(db: Db, name: string, { limit = 50 }: ReferenceOptions): FoundReference[] {
  const id = db.prepare<[string], number>("SELECT id FROM names WHERE name = ?").pluck().get(name);
  if (id === undefined) return [];
  const defining = new Set(
    db.prepare<[number], number>("SELECT DISTINCT file FROM definitions WHERE name = ?").pluck().all(id),
  );
  const found = filesWith(db, name).flatMap((row): FoundReference[] => {
    const lines = linesOf(id, row);
    return lines.length === 0 ? [] : [{ path: row.path, lines, by: surenessOf(row, { db, defining }) }];
  });
  return found.sort((a, b) => sureness[a.by] - sureness[b.by] || order(a.path, b.path)).slice(0, limit);
}

function order(a: string, b: string): number {
  return Number(isTestFile(a)) - Number(isTestFile(b)) || (a < b ? -1 : 1);
}

interface Defining {
  db: Db;
  defining: ReadonlySet<number>;
}

function surenessOf({ id, imported }: ReferenceRow, { db, defining }: Defining): FoundReference["by"] {
  if (defining.has(id)) return "definition";
  const imports = imported === null ? [] : [...numbersOf(imported)];
  if (imports.some((file) => defining.has(file))) return "import";
  return imports.some((file) => passedOnBy(db, file).some((other) => defining.has(other))) ? "import" : "name";
}

/** What a file that defines nothing of its own imports: such a file passes on what others define. */
function passedOnBy(db: Db, file: number): number[] {
  const imported = db
    .prepare<[number], Buffer | null>("SELECT imported FROM tags WHERE file = ? AND length(defined) = 0")
    .pluck()
    .get(file);
  return imported === undefined || imported === null ? [] : [...numbersOf(imported)];
}

/** Parsed files whose text holds the word. */
function filesWith(db: Db, name: string): ReferenceRow[] {
  const term = termsOf(name)[0]?.replaceAll('"', "");
  if (term === undefined) return [];
  const rows = db
    .prepare<[string], number>("SELECT rowid FROM words WHERE words MATCH ?")
    .pluck()
    .all(`body : "${term}"`);
  const row = db.prepare<[number], ReferenceRow>(
    "SELECT id, path, referenced, lines, imported FROM tags JOIN files ON files.id = file WHERE file = ?",
  );
  return [...new Set(rows.map(fileOfRow))].flatMap((file) => row.get(file) ?? []);
}

function linesOf(name: number, row: ReferenceRow): number[] {
  const referenced = numbersOf(row.referenced);
  let start = 0;
  for (let index = 0; index < referenced.length; index += 2) {
    const count = referenced[index + 1] ?? 0;
    if (referenced[index] === name) return [...numbersOf(row.lines).subarray(start, start + count)];
    start += count;
  }
  return [];
}
