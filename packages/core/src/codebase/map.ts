import type { Db } from "../storage/database.ts";
import type { CodeMap, MapOptions, MappedDefinition, MappedFile } from "./answers.ts";
import type { CodeGraph } from "./graph.ts";
import { rankFiles, type RankedFile } from "./rank-files.ts";
import { queryTerms } from "./search.ts";
import { termsOf } from "./words.ts";

/** Files that a map can show at most, however large the budget. */
const mostFiles = 400;
/** No file's line has fewer tokens in any vocabulary that matters. */
const fewestTokens = 8;
const mostDefinitions = 12;
/** Definitions of a file that are looked at. */
const mostConsidered = 200;
const longestSignature = 100;

/** The outline of what matters in the code, in at most `budget` tokens. The same code and question give the same bytes. */
export async function drawMap(db: Db, graph: CodeGraph, options: MapOptions): Promise<CodeMap> {
  const { budget, countTokens = estimate } = options;
  const items = itemsOf(db, graph, options);
  const known = graph.ids.length;
  const draw = async (count: number): Promise<CodeMap> => {
    const files = mappedFiles(items.slice(0, count));
    const text = files.map(textOf).join("");
    return { text, tokens: await countTokens(text), files, known };
  };
  let best = await draw(0);
  let [fits, tooMany] = [0, items.length + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    const map = await draw(middle);
    if (map.tokens <= budget) [best, fits] = [map, middle];
    else tooMany = middle;
  }
  return best;
}

const estimate = (text: string): number => Math.ceil(text.length / 4);

/** The line of a file, which has no definition, or of something that it defines. */
interface Item {
  file: RankedFile;
  worth: number;
  definition?: MappedDefinition;
}

/** All that the map may show, in the order in which room is given to it. */
function itemsOf(db: Db, graph: CodeGraph, options: MapOptions): Item[] {
  const terms = new Set(queryTerms(options.query ?? "").keys());
  const files = rankFiles(db, graph, options).slice(0, Math.min(mostFiles, options.budget / fewestTokens));
  const definitions = definitionsReader(db, (definition) => worthOf(definition, graph.uses, terms));
  const items = files.flatMap((file): Item[] => [
    { file, worth: file.score },
    ...definitions(file.id)
      .sort((a, b) => b.worth - a.worth || a.definition.line - b.definition.line)
      .slice(0, mostDefinitions)
      .map(({ definition, worth }, index) => ({
        file,
        definition,
        worth: file.score * worth * definitionShare(index),
      })),
  ]);
  return items.sort((a, b) => b.worth - a.worth);
}

/** Later definitions of a file must be worth more to be shown before another file. */
const definitionShare = (index: number): number => 3 / (1 + 0.5 * index);

const kindWorth: Readonly<Record<string, number>> = { method: 0.6, field: 0.2, variable: 0.3, constant: 0.4 };

interface StoredDefinition extends MappedDefinition {
  nameId: number;
  exported: number;
}

/** From 0 to 1. */
function worthOf(
  { name, nameId, kind, exported }: StoredDefinition,
  uses: Float32Array,
  terms: ReadonlySet<string>,
): number {
  const asked = termsOf(name).filter((term) => terms.has(term)).length;
  const count = uses[nameId] ?? 0;
  const reach = exported === 1 ? 1 : 0.5;
  return ((kindWorth[kind] ?? 1) * reach * (0.3 + count / (count + 2)) + Math.min(asked, 2) * 0.6) / 2.5;
}

interface JudgedDefinition {
  definition: MappedDefinition;
  worth: number;
}

function definitionsReader(
  db: Db,
  judge: (definition: StoredDefinition) => number,
): (file: number) => JudgedDefinition[] {
  const select = db.prepare<[number], Omit<StoredDefinition, "container"> & { container: string | null }>(
    `SELECT names.id AS nameId, names.name, kind, line, signature, container, exported FROM definitions
     JOIN names ON names.id = definitions.name WHERE file = ? ORDER BY position LIMIT ${mostConsidered}`,
  );
  return (file) =>
    select.all(file).map(({ nameId, exported, container, ...rest }) => {
      const definition = container === null ? rest : { ...rest, container };
      return { definition, worth: judge({ ...definition, nameId, exported }) };
    });
}

function mappedFiles(items: readonly Item[]): MappedFile[] {
  const files = new Map<number, MappedFile>();
  for (const { file, definition } of items) {
    const { id, path, score } = file;
    const mapped = files.get(id) ?? { path, score, definitions: [] };
    if (definition !== undefined) mapped.definitions.push(definition);
    files.set(id, mapped);
  }
  for (const { definitions } of files.values()) definitions.sort((a, b) => a.line - b.line);
  return [...files.values()].sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

function textOf({ path, definitions }: MappedFile): string {
  return [oneLinePath(path), ...definitions.map(lineOf)].map((line) => `${line}\n`).join("");
}

function lineOf({ signature, name, container }: MappedDefinition): string {
  const text = signature.trim() === "" ? name : signature.trim();
  const cut = text.length > longestSignature ? `${text.slice(0, longestSignature - 1)}…` : text;
  return `${container === undefined ? "  " : "    "}${cut}`;
}

/** A name with line breaks or other controls is shown escaped: it must not look like another line. */
const oneLinePath = (path: string): string => (/\p{Cc}/u.test(path) ? JSON.stringify(path) : path);
