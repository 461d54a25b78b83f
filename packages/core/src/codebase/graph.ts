import { setImmediate as breathe } from "node:timers/promises";

import type { Db } from "../storage/database.ts";
import { isTestFile } from "./file-rules.ts";
import { numbersOf } from "./store.ts";

/** Which file uses what other files define. Files are numbered in the order of their paths, so that equal trees give equal graphs. */
export interface CodeGraph {
  /** Ids in the database. */
  ids: readonly number[];
  paths: readonly string[];
  indexOf: ReadonlyMap<number, number>;
  /** The edges of file `i` are those from `starts[i]` to `starts[i + 1]`. */
  starts: Uint32Array;
  targets: Uint32Array;
  weights: Float32Array;
  /** How much other files use a name, by its id. */
  uses: Float32Array;
}

/** A name that so many files define says nothing about which one is meant. */
const mostDefiners = 12;
const importWeight = 1;
/** How sure it is that a name means the definition in a file that is imported, beside it, or anywhere. */
const sureness = { imported: 1, beside: 0.5, anywhere: 0.1 };
/** What tests use is not what the code turns on. */
const testWeight = 0.2;

const families: readonly (readonly string[])[] = [
  ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte"],
  ["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx"],
  ["py", "pyi"],
];

interface Node {
  path: string;
  folder: string;
  family: string;
  weight: number;
  defined: Uint32Array;
  referenced: Uint32Array;
  imported: Uint32Array;
  /** What is imported, also by way of files that only pass on what others define. */
  reached: ReadonlySet<number>;
}

interface TagRow {
  path: string;
  defined: Buffer | null;
  referenced: Buffer | null;
  imported: Buffer | null;
}

/** Files that are looked at before others may do their work. */
const filesAtOnce = 250;

/** Builds the graph from what the index holds now. */
export async function buildGraph(db: Db): Promise<CodeGraph> {
  const files = numbered(listedFiles(db));
  const names = 1 + (db.prepare<[], number | null>("SELECT max(id) FROM names").pluck().get() ?? 0);
  const rows = db.prepare<[], TagRow>(
    `SELECT path, defined, referenced, imported FROM files LEFT JOIN tags ON tags.file = files.id
     WHERE content = 'text' ORDER BY path`,
  );
  const nodes = Array.from(rows.iterate(), (row) => nodeOf(row, files.indexOf));
  for (const node of nodes) node.reached = reachedBy(node, nodes);
  await breathe();
  return { ...files, ...(await edgesOf(nodes, names)) };
}

const listedFiles = (db: Db): { id: number; path: string }[] =>
  db.prepare<[], { id: number; path: string }>("SELECT id, path FROM files WHERE content = 'text' ORDER BY path").all();

const numbered = (files: readonly { id: number; path: string }[]): Pick<CodeGraph, "ids" | "paths" | "indexOf"> => ({
  ids: files.map(({ id }) => id),
  paths: files.map(({ path }) => path),
  indexOf: new Map(files.map(({ id }, index) => [id, index])),
});

interface SavedGraph {
  starts: Buffer;
  targets: Buffer;
  weights: Buffer;
  uses: Buffer;
}

/** The graph that was saved for this version of the index, which is much quicker to read than to build. */
export function loadGraph(db: Db, version: number): CodeGraph | undefined {
  const saved = db
    .prepare<[number], SavedGraph>("SELECT starts, targets, weights, uses FROM graph WHERE version = ?")
    .get(version);
  if (saved === undefined) return undefined;
  return {
    ...numbered(listedFiles(db)),
    starts: numbersOf(saved.starts),
    targets: numbersOf(saved.targets),
    weights: new Float32Array(numbersOf(saved.weights).buffer),
    uses: new Float32Array(numbersOf(saved.uses).buffer),
  };
}

export function saveGraph(db: Db, version: number, { starts, targets, weights, uses }: CodeGraph): void {
  const blobs = [starts, targets, weights, uses].map(({ buffer }) => Buffer.from(buffer));
  db.transaction(() => {
    db.exec("DELETE FROM graph");
    db.prepare("INSERT INTO graph VALUES (?, ?, ?, ?, ?)").run(version, ...blobs);
  }).immediate();
}

const nothing = new Uint32Array();

function nodeOf({ path, defined, referenced, imported }: TagRow, indexOf: ReadonlyMap<number, number>): Node {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  const files = imported === null ? nothing : numbersOf(imported);
  return {
    path,
    folder: path.slice(0, path.lastIndexOf("/") + 1),
    family: families.find((family) => family.includes(ending))?.[0] ?? ending,
    weight: isTestFile(path) ? testWeight : 1,
    defined: defined === null ? nothing : numbersOf(defined),
    referenced: referenced === null ? nothing : numbersOf(referenced),
    imported: Uint32Array.from([...files].flatMap((file) => indexOf.get(file) ?? [])),
    reached: new Set(),
  };
}

function reachedBy({ imported }: Node, nodes: readonly Node[]): ReadonlySet<number> {
  const reached = new Set(imported);
  for (const target of imported) {
    const { defined, imported: passedOn } = nodes[target] ?? { defined: nothing, imported: nothing };
    if (defined.length === 0) for (const file of passedOn) reached.add(file);
  }
  return reached;
}

type Edges = Pick<CodeGraph, "starts" | "targets" | "weights" | "uses">;

async function edgesOf(nodes: readonly Node[], names: number): Promise<Edges> {
  const definers = definersOf(nodes, names);
  const rarity = rarityOf(nodes, names);
  const starts = new Uint32Array(nodes.length + 1);
  const uses = new Float64Array(names);
  const targets: number[] = [];
  const weights: number[] = [];
  const row = new Map<number, number>();
  for (const [index, node] of nodes.entries()) {
    if (index % filesAtOnce === filesAtOnce - 1) await breathe();
    row.clear();
    for (const target of node.imported) row.set(target, importWeight);
    addNames(index, { nodes, definers, rarity, uses, row });
    for (const [target, weight] of row) {
      targets.push(target);
      weights.push(weight * node.weight);
    }
    starts[index + 1] = targets.length;
  }
  return {
    starts,
    targets: Uint32Array.from(targets),
    weights: Float32Array.from(weights),
    uses: Float32Array.from(uses),
  };
}

/** The files that define each name, without those names that too many define. */
function definersOf(nodes: readonly Node[], names: number): (number[] | undefined)[] {
  const definers = Array.from<number[] | undefined>({ length: names });
  for (const [index, { defined }] of nodes.entries()) {
    for (const name of defined) {
      const known = definers[name];
      if (known === undefined) definers[name] = [index];
      else if (known.at(-1) !== index) known.push(index);
    }
  }
  return definers;
}

/** How telling a name is: less, the more files use it. */
function rarityOf(nodes: readonly Node[], names: number): Float64Array {
  const users = new Float64Array(names);
  for (const { referenced } of nodes) {
    for (let at = 0; at < referenced.length; at += 2)
      users[referenced[at] ?? 0] = (users[referenced[at] ?? 0] ?? 0) + 1;
  }
  return users.map((count) => Math.log(1 + nodes.length / (1 + count)));
}

interface Weighing {
  nodes: readonly Node[];
  definers: readonly (readonly number[] | undefined)[];
  rarity: Float64Array;
  uses: Float64Array;
  row: Map<number, number>;
}

function addNames(index: number, weighing: Weighing): void {
  const referenced = weighing.nodes[index]?.referenced ?? nothing;
  for (let at = 0; at < referenced.length; at += 2) {
    addName(index, { name: referenced[at] ?? 0, count: referenced[at + 1] ?? 1 }, weighing);
  }
}

function addName(
  index: number,
  { name, count }: { name: number; count: number },
  { nodes, definers, rarity, uses, row }: Weighing,
): void {
  const node = nodes[index];
  const found = definers[name];
  if (node === undefined || found === undefined || found.length > mostDefiners || found.includes(index)) return;
  const meant = meaning(node, found, nodes);
  if (meant.count === 0) return;
  const weight = (Math.sqrt(count) * (rarity[name] ?? 0) * meant.sure) / meant.count;
  uses[name] = (uses[name] ?? 0) + weight * node.weight;
  for (const target of found) {
    if (surenessOf(node, target, nodes) === meant.sure) row.set(target, (row.get(target) ?? 0) + weight);
  }
}

/** How sure it is at best which of the files that define a name is meant, and how many of them are equally so. */
function meaning(node: Node, found: readonly number[], nodes: readonly Node[]): { sure: number; count: number } {
  let [sure, count] = [0, 0];
  for (const target of found) {
    const one = surenessOf(node, target, nodes);
    if (one > sure) [sure, count] = [one, 0];
    if (one > 0 && one === sure) count++;
  }
  return { sure, count };
}

function surenessOf(node: Node, target: number, nodes: readonly Node[]): number {
  if (node.reached.has(target)) return sureness.imported;
  const other = nodes[target];
  if (other?.family !== node.family) return 0;
  return other.folder === node.folder ? sureness.beside : sureness.anywhere;
}

const damping = 0.85;
const mostRounds = 30;
const precise = 1e-7;

/**
 * PageRank that starts again at the files of `seeds` (any scale): how much those files, and what they use, rest on
 * each file. Sums to 1 where there are files.
 */
export function pageRank({ starts, targets, weights }: CodeGraph, seeds: Float64Array): Float64Array {
  const size = seeds.length;
  const total = seeds.reduce((sum, seed) => sum + seed, 0);
  const origin = seeds.map((seed) => (total > 0 ? seed / total : 1 / size));
  const sums = origin.map((_, index) => sumOf(weights, starts[index] ?? 0, starts[index + 1] ?? 0));
  let rank = origin;
  for (let round = 0; round < mostRounds; round++) {
    const next = new Float64Array(size);
    let dangling = 0;
    for (let index = 0; index < size; index++) {
      const sum = sums[index] ?? 0;
      const share = rank[index] ?? 0;
      if (sum === 0) dangling += share;
      else spread({ starts, targets, weights }, index, share / sum, next);
    }
    let change = 0;
    for (let index = 0; index < size; index++) {
      const value = (1 - damping + damping * dangling) * (origin[index] ?? 0) + damping * (next[index] ?? 0);
      change += Math.abs(value - (rank[index] ?? 0));
      next[index] = value;
    }
    rank = next;
    if (change < precise) break;
  }
  return rank;
}

function sumOf(weights: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let edge = from; edge < to; edge++) sum += weights[edge] ?? 0;
  return sum;
}

type Spreading = Pick<CodeGraph, "starts" | "targets" | "weights">;

function spread({ starts, targets, weights }: Spreading, from: number, share: number, next: Float64Array): void {
  for (let edge = starts[from] ?? 0; edge < (starts[from + 1] ?? 0); edge++) {
    const target = targets[edge] ?? 0;
    next[target] = (next[target] ?? 0) + share * (weights[edge] ?? 0);
  }
}
