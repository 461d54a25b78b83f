import { existsSync } from "node:fs";

import type { SearchHit, VectorIndex } from "@trust-cli/core/codebase";
import { TrustError } from "@trust-cli/core/protocol";

import type { Settings } from "./settings.ts";

/** Search by meaning, where the settings name a model for it. */
export interface AppVectors {
  /** To be disposed. */
  open(signal: AbortSignal): Promise<(VectorIndex & AsyncDisposable) | undefined>;
  /**
   * Joins what was found by words with what is near in meaning, at most `limit` of both. `warn` is told when the model
   * cannot be used; then the words alone count.
   */
  join(found: { query: string; byWords: readonly SearchHit[]; limit: number }, how: JoinOptions): Promise<SearchHit[]>;
  drop(): Promise<void>;
}

interface JoinOptions {
  signal: AbortSignal;
  warn?: ((why: string) => void) | undefined;
}

/** Each way of searching gives so many files for one that is shown. */
export const candidatesPerHit = 3;

export function lazyVectors(settings: Settings, cacheFolder: string): AppVectors {
  const { root } = settings.workspace;
  const file = async (): Promise<string> => {
    const { vectorIndexFile } = await import("@trust-cli/core/codebase");
    return vectorIndexFile(cacheFolder, root);
  };
  const open: AppVectors["open"] = async (signal) => {
    const { openEmbedder } = await import("./embedder.ts");
    const embedder = await openEmbedder(settings, signal);
    if (embedder === undefined) return undefined;
    try {
      const { openVectorIndex } = await import("@trust-cli/core/codebase");
      return withModel(openVectorIndex({ root, file: await file(), embedder }), embedder);
    } catch (error) {
      await embedder[Symbol.asyncDispose]();
      throw error;
    }
  };
  return {
    open,
    join: async ({ query, byWords, limit }, { signal, warn }) => {
      const words = byWords.slice(0, limit);
      if (!existsSync(await file())) return words;
      try {
        await using vectors = await open(signal);
        const byMeaning = await vectors?.search(query, limit * candidatesPerHit, signal);
        const { fuse } = await import("@trust-cli/core/codebase");
        return byMeaning === undefined ? words : fuse(byWords, byMeaning, limit);
      } catch (error) {
        if (signal.aborted || !(error instanceof TrustError)) throw error;
        warn?.(`searched by words alone: ${error.message}`);
        return words;
      }
    },
    drop: async () => {
      const { dropVectorIndex } = await import("@trust-cli/core/codebase");
      dropVectorIndex(await file());
    },
  };
}

/** The model goes with the index. */
const withModel = (vectors: VectorIndex, model: AsyncDisposable): VectorIndex & AsyncDisposable => ({
  ...vectors,
  [Symbol.asyncDispose]: async () => {
    vectors[Symbol.dispose]();
    await model[Symbol.asyncDispose]();
  },
});
