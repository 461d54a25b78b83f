import { queryTerms } from "../codebase/search.ts";
import { termsOf, wordsOf } from "../codebase/words.ts";
import type { Db } from "../storage/database.ts";
import type { DocumentHit, DocumentSearch } from "./answers.ts";

interface Row {
  id: number;
  source: string;
  path: string;
  heading: string;
  line: number;
  text: string;
}

const mostRanked = 400;
const mostExact = 60;
const longestExcerpt = 240;

/** Sections that fit the words of a question: what is called exactly so comes first, then by bm25 with headings ahead. */
export function searchDocuments(db: Db, query: string, { limit = 10, source }: DocumentSearch = {}): DocumentHit[] {
  const terms = queryTerms(query);
  const ranked = rankedSections(db, [...terms.keys()], source);
  const order = new Map(ranked.map((id, index) => [id, index]));
  const place = (id: number): number => order.get(id) ?? mostRanked;
  const ids = [...new Set([...exactSections(db, query, place), ...ranked])];
  const read = db.prepare<[number], Row>(
    `SELECT sections.id, sources.name AS source, path, heading, line, text FROM sections
     JOIN files ON files.id = file JOIN sources ON sources.id = sections.source WHERE sections.id = ?`,
  );
  const hits: DocumentHit[] = [];
  const shown = new Set<string>();
  for (const id of ids) {
    if (hits.length >= limit) break;
    const row = read.get(id);
    if (row === undefined || (source !== undefined && row.source !== source)) continue;
    const same = `${row.heading}\n${row.text}`;
    if (shown.has(same)) continue;
    shown.add(same);
    const { path, heading, line, text } = row;
    hits.push({ source: row.source, path, heading, line, text, excerpt: excerptOf(text, terms) });
  }
  return hits;
}

/** A word in a heading counts four times, one in a declared name besides twice. */
function rankedSections(db: Db, terms: readonly string[], source: string | undefined): number[] {
  if (terms.length === 0) return [];
  const match = terms.map((term) => `"${term}"`).join(" OR ");
  const within =
    source === undefined
      ? ""
      : "JOIN sections ON sections.id = words.rowid JOIN sources ON sources.id = sections.source AND sources.name = ?";
  const statement = db.prepare<string[], { id: number }>(
    `SELECT words.rowid AS id FROM words ${within} WHERE words MATCH ?
     ORDER BY bm25(words, 1.0, 4.0, 2.0, 1.0), words.rowid LIMIT ${mostRanked}`,
  );
  return statement.all(...(source === undefined ? [match] : [source, match])).map(({ id }) => id);
}

/** Sections whose heading path is the question, or that declare a name in it; what fits the other words better comes first. */
function exactSections(db: Db, query: string, place: (id: number) => number): number[] {
  const headed = db
    .prepare<[string], { id: number }>(`SELECT id FROM sections WHERE heading = ? COLLATE NOCASE LIMIT ${mostExact}`)
    .all(query.trim());
  const declaring = db.prepare<[string], Declaring>(
    `SELECT section AS id, name, heading FROM symbols JOIN sections ON sections.id = section WHERE name = ? LIMIT ${mostRanked}`,
  );
  const symbols = namesIn(query).flatMap((name) => {
    const found = declaring.all(name);
    const exact = found.filter((row) => row.name === name);
    return (exact.length > 0 ? exact : found)
      .toSorted((a, b) => depthOf(a) - depthOf(b) || place(a.id) - place(b.id) || a.id - b.id)
      .slice(0, mostExact);
  });
  return [...headed, ...symbols].map(({ id }) => id);
}

interface Declaring {
  id: number;
  name: string;
  heading: string;
}

/** What a module declares itself comes before the members of its types. */
const depthOf = ({ heading }: Declaring): number => heading.split(/\.|::/).length;

/** Words that can only be meant as names, or the only word of a question. `z.string()` is also looked for as `string`. */
function namesIn(query: string): string[] {
  const words = query
    .split(/\s+/)
    .map((word) => word.replace(/^[^\w$]+|[^\w$]+$/g, ""))
    .filter((word) => word !== "");
  const names = words.length === 1 ? words : words.filter((word) => /[.:]/.test(word) || termsOf(word).length > 1);
  return names.flatMap((name) => {
    const last = name.split(/\.|::/).at(-1) ?? name;
    return last === name ? [name] : [name, last];
  });
}

function excerptOf(text: string, terms: ReadonlyMap<string, number>): string {
  const lines = text.split("\n").map((line) => line.trim());
  let [best, worth] = [0, 0];
  for (const [index, line] of lines.entries()) {
    const found = new Set(wordsOf(line).flatMap(termsOf));
    let points = 0;
    for (const [term, value] of terms) if (found.has(term)) points += value;
    if (points > worth) [best, worth] = [index, points];
  }
  const words = lines
    .slice(best, best + 4)
    .filter((line) => line !== "")
    .join(" ");
  return words.length <= longestExcerpt ? words : `${words.slice(0, longestExcerpt).trimEnd()} …`;
}
