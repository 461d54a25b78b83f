import type { Db } from "../storage/database.ts";
import type { SearchHit, SearchOptions } from "./answers.ts";
import { isTestFile } from "./file-rules.ts";
import { type ShownLine, SourceLines } from "./source-lines.ts";
import { chunkOfRow, fileOfRow } from "./store.ts";
import { linesOfChunk, termsOf, wordsOf } from "./words.ts";

export interface FoundFile {
  id: number;
  path: string;
  score: number;
  isTest: boolean;
  /** The best first. */
  chunks: number[];
}

/** Words of questions that say nothing about code. They count only when nothing else is asked. */
const emptyWords = new Set(
  (
    "a about all am an and any are as at be been but by can could do does did each else for from get gets has have how " +
    "i if in into is it its me my no not of on one or our out shall she should so some such than that the their them " +
    "then there these they this those to us use used uses was we were what when where which who whom whose why will " +
    "with without would you your file files code function functions method class find show tell explain please"
  ).split(" "),
);
const mostTerms = 24;
const mostChunks = 400;
const linesOfHit = 3;
/** How much less a second chunk of the same file counts than the one before it. */
const decay = 0.4;
const testPenalty = 0.55;
const namesDefined = 4;

/** The terms of a question, each with how much a line that holds it is worth. */
export function queryTerms(query: string): Map<string, number> {
  const words = wordsOf(query).filter((word) => word !== "");
  const telling = words.filter((word) => !emptyWords.has(word.toLowerCase()));
  const terms = new Map<string, number>();
  for (const word of telling.length > 0 ? telling : words) {
    const [first, ...rest] = termsOf(word);
    if (first === undefined || terms.size >= mostTerms) continue;
    const isWhole = rest.length > 0;
    terms.set(first, isWhole ? 4 : 1);
    for (const term of rest) if (!terms.has(term)) terms.set(term, 1);
  }
  return terms;
}

/** Files that fit the words of a question, the best first; of equals by path. */
export function findFiles(db: Db, query: string): FoundFile[] {
  const terms = queryTerms(query);
  if (terms.size === 0) return [];
  const chunks = db
    .prepare<[string, number], { row: number; score: number }>(
      `SELECT rowid AS row, -bm25(words, 1.0, 3.0, 2.5) AS score FROM words WHERE words MATCH ?
       ORDER BY bm25(words, 1.0, 3.0, 2.5), rowid LIMIT ?`,
    )
    .all([...terms.keys()].map((term) => `"${term}"`).join(" OR "), mostChunks);
  const files = new Map<number, FoundFile>();
  const pathOf = db.prepare<[number], { path: string }>("SELECT path FROM files WHERE id = ?");
  for (const { row, score } of chunks) {
    const id = fileOfRow(row);
    const file = files.get(id) ?? newFile(id, pathOf.get(id)?.path ?? "");
    file.score += score * decay ** file.chunks.length;
    file.chunks.push(chunkOfRow(row));
    files.set(id, file);
  }
  addDefinitions(db, query, files);
  return judged([...files.values()], terms);
}

const newFile = (id: number, path: string): FoundFile => ({ id, path, score: 0, isTest: isTestFile(path), chunks: [] });

/** Files that define a name exactly as it is written in the question come before those that use it. */
function addDefinitions(db: Db, query: string, files: Map<number, FoundFile>): void {
  const best = Math.max(0, ...[...files.values()].map(({ score }) => score));
  const defining = db.prepare<[string], { id: number; path: string }>(
    `SELECT DISTINCT files.id, path FROM names JOIN definitions ON definitions.name = names.id
     JOIN files ON files.id = definitions.file WHERE names.name = ? ORDER BY path LIMIT 20`,
  );
  for (const word of new Set(wordsOf(query))) {
    if (termsOf(word).length < 2) continue;
    for (const { id, path } of defining.all(word)) {
      const file = files.get(id) ?? newFile(id, path);
      file.score += best / namesDefined;
      files.set(id, file);
    }
  }
}

function judged(files: readonly FoundFile[], terms: ReadonlyMap<string, number>): FoundFile[] {
  const wantsTests = ["test", "spec", "fixture"].some((term) => terms.has(term));
  return files
    .map((file) => (file.isTest && !wantsTests ? { ...file, score: file.score * testPenalty } : file))
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

/** Files with the lines that fit a question. Lines are read from disk, so that what changed since is shown as it is. */
export function search(db: Db, root: string, { query, limit = 10 }: SearchOptions & { query: string }): SearchHit[] {
  const terms = queryTerms(query);
  const hits: SearchHit[] = [];
  for (const file of findFiles(db, query)) {
    if (hits.length >= limit) break;
    const source = SourceLines.read(root, file.path);
    if (source === undefined) continue;
    const { path, score, isTest } = file;
    hits.push({ path, score, isTest, lines: bestLines(source, file.chunks, terms) });
  }
  return hits;
}

function bestLines(source: SourceLines, chunks: readonly number[], terms: ReadonlyMap<string, number>): ShownLine[] {
  const scored: { line: number; worth: number }[] = [];
  for (const chunk of chunks.length === 0 ? [0] : chunks.slice(0, 2)) {
    const { from, to } = linesOfChunk(chunk);
    for (let line = from; line < to && line <= source.count; line++) {
      const worth = worthOf(source.text(line), terms);
      if (worth > 0) scored.push({ line, worth });
    }
  }
  scored.sort((a, b) => b.worth - a.worth || a.line - b.line);
  const best = scored.length > 0 ? scored.slice(0, linesOfHit) : [{ line: linesOfChunk(chunks[0] ?? 0).from }];
  return best.map(({ line }) => source.shown(line)).sort((a, b) => a.line - b.line);
}

function worthOf(text: string, terms: ReadonlyMap<string, number>): number {
  const found = new Set(wordsOf(text).flatMap(termsOf));
  let worth = 0;
  for (const [term, points] of terms) if (found.has(term)) worth += points;
  return worth;
}
