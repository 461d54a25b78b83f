import type { Db } from "../storage/database.ts";
import type { MapFocus } from "./answers.ts";
import { isTestFile } from "./file-rules.ts";
import { type CodeGraph, pageRank } from "./graph.ts";
import { findFiles, queryTerms } from "./search.ts";

export interface RankedFile {
  id: number;
  path: string;
  /** From 0 to 1, 1 for the first. */
  score: number;
}

const share = { anyFile: 0.1, inPlay: 1, found: 1 };
/** How much being found counts beside being used by what was found. */
const directness = 0.75;
const mostFound = 40;
const testPenalty = 0.3;
const proseEndings = /\.(?:md|mdx|txt|rst|adoc|json|ya?ml|toml|xml|html|css|scss|csv|svg|lock)$/;
const prosePenalty = 0.4;

/** Files by how much they matter for what is asked and for the files in play; without both by how much others use them. */
export function rankFiles(db: Db, graph: CodeGraph, { query = "", files = [] }: MapFocus): RankedFile[] {
  const size = graph.ids.length;
  const found = foundShares(db, graph, query);
  const inPlay = inPlayShares(graph, files);
  const seeds = new Float64Array(size).fill(share.anyFile / Math.max(1, size));
  for (let index = 0; index < size; index++) {
    seeds[index] = (seeds[index] ?? 0) + (found[index] ?? 0) * share.found + (inPlay[index] ?? 0) * share.inPlay;
  }
  const rank = pageRank(graph, seeds);
  const direct = scaled(found.map((value, index) => Math.max(value, inPlay[index] ?? 0)));
  const weight = query === "" ? 0 : directness;
  const wanted = queryTerms(query);
  const wantsTests = wanted.has("test") || wanted.has("spec");
  const scores = scaled(rank).map((value, index) => {
    const factor = penalty(graph.paths[index] ?? "", wantsTests);
    return ((1 - weight) * value + weight * (direct[index] ?? 0)) * ((inPlay[index] ?? 0) > 0 ? 1 : factor);
  });
  const most = Math.max(Number.MIN_VALUE, ...scores);
  return graph.ids
    .map((id, index) => ({ id, path: graph.paths[index] ?? "", score: (scores[index] ?? 0) / most }))
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
}

function penalty(path: string, wantsTests: boolean): number {
  return (isTestFile(path) && !wantsTests ? testPenalty : 1) * (proseEndings.test(path) ? prosePenalty : 1);
}

/** Sums to 1 when the query finds anything. */
function foundShares(db: Db, graph: CodeGraph, query: string): Float64Array {
  const shares = new Float64Array(graph.ids.length);
  for (const { id, score } of query === "" ? [] : findFiles(db, query).slice(0, mostFound)) {
    const index = graph.indexOf.get(id);
    if (index !== undefined) shares[index] = score ** 2;
  }
  return normalised(shares);
}

function inPlayShares(graph: CodeGraph, files: readonly string[]): Float64Array {
  const wanted = new Set(files);
  return normalised(Float64Array.from(graph.paths, (path) => (wanted.has(path) ? 1 : 0)));
}

function normalised(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum === 0 ? values : values.map((value) => value / sum);
}

function scaled(values: Float64Array): Float64Array {
  const most = values.reduce((best, value) => Math.max(best, value), 0);
  return most === 0 ? values : values.map((value) => value / most);
}
