import type { SearchHit } from "../answers.ts";
import type { CodeIndex } from "../code-index.ts";
import { deleteIndexDatabase } from "../database.ts";
import { isTestFile } from "../file-rules.ts";
import { listFiles } from "../list-files.ts";
import { readSource } from "../read-source.ts";
import { SourceLines } from "../source-lines.ts";
import { type Passage, passagesOf } from "./passages.ts";
import { VectorStore } from "./vector-store.ts";

/** A model that makes vectors of length 1, of one width, in the order of the texts. */
export interface Embedder {
  /** Vectors of one model are never compared with those of another. */
  id: string;
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>;
}

export interface VectorIndexOptions {
  /** A real path. */
  root: string;
  /** The database (`vectorIndexFile`). */
  file: string;
  embedder: Embedder;
}

interface EmbeddingProgress {
  /** Files. */
  done: number;
  total: number;
}

/** Search by meaning, beside the index of words. */
export interface VectorIndex extends Disposable {
  /** Makes vectors of what is new or changed. Can be interrupted at any time; the next one goes on from there. */
  build(
    code: Pick<CodeIndex, "outline">,
    options: { signal: AbortSignal; onProgress?: (progress: EmbeddingProgress) => void },
  ): Promise<{ embedded: number; removed: number }>;
  /** The files whose passages are nearest to a question, the best first. Of what has vectors already. */
  search(query: string, limit: number, signal: AbortSignal): Promise<SearchHit[]>;
}

const batchSize = 16;
/** Passages looked at for each file that is wanted: several of them may lie in one file. */
const passagesPerFile = 4;

/** They can be made again. */
export const dropVectorIndex = (file: string): void => deleteIndexDatabase(file);

export function openVectorIndex({ root, file, embedder }: VectorIndexOptions): VectorIndex {
  const store = VectorStore.open(file);
  return {
    build: async (code, { signal, onProgress }) => {
      const maker = { model: embedder.id, width: await widthOf(embedder, signal) };
      store.begin(maker);
      const paths = await listFiles(root, signal);
      const known = store.files();
      const removed = forgetOthers(store, known, new Set(paths));
      let embedded = 0;
      for (const [done, path] of paths.entries()) {
        signal.throwIfAborted();
        onProgress?.({ done, total: paths.length });
        const source = readSource(root, path);
        if (source?.content !== "text" || known.get(path) === source.digest) continue;
        const starts = code.outline(path).map(({ line }) => line);
        const passages = await withVectors(passagesOf(path, source.text, starts), { store, path, embedder, signal });
        store.put(path, { digest: source.digest, passages, maker });
        embedded++;
      }
      return { embedded, removed };
    },
    search: async (query, limit, signal) => {
      const [vector = []] = await embedder.embed([query], signal);
      const near = store.nearest(Float32Array.from(vector), limit * passagesPerFile, embedder.id);
      const paths = [...new Set(near.map(({ path }) => path))].slice(0, limit);
      return paths.flatMap((path, rank) => {
        const lines = SourceLines.read(root, path);
        if (lines === undefined) return [];
        const places = near.filter((one) => one.path === path && one.line <= lines.count);
        const shown = places.toSorted((a, b) => a.line - b.line).map(({ line }) => lines.shown(line));
        return [{ path, score: 1 / (rank + 1), isTest: isTestFile(path), lines: shown }];
      });
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

/** Known when one was made. */
async function widthOf(embedder: Embedder, signal: AbortSignal): Promise<number> {
  const [vector = []] = await embedder.embed(["width"], signal);
  return vector.length;
}

function forgetOthers(store: VectorStore, known: ReadonlyMap<string, string>, paths: ReadonlySet<string>): number {
  const gone = [...known.keys()].filter((path) => !paths.has(path));
  for (const path of gone) store.forget(path);
  return gone.length;
}

interface Embedding {
  store: VectorStore;
  path: string;
  embedder: Embedder;
  signal: AbortSignal;
}

/** Passages of the file that did not change keep their vectors. */
async function withVectors(
  passages: readonly Passage[],
  { store, path, embedder, signal }: Embedding,
): Promise<{ passage: Passage; vector: Float32Array }[]> {
  const vectors = store.vectorsOf(path);
  const fresh = passages.filter(({ key }) => !vectors.has(key));
  for (let at = 0; at < fresh.length; at += batchSize) {
    const batch = fresh.slice(at, at + batchSize);
    const made = await embedder.embed(
      batch.map(({ text }) => text),
      signal,
    );
    for (const [index, { key }] of batch.entries()) vectors.set(key, Float32Array.from(made[index] ?? []));
  }
  return passages.flatMap((passage) => {
    const vector = vectors.get(passage.key);
    return vector === undefined ? [] : [{ passage, vector }];
  });
}
