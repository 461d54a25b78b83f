import { setTimeout as sleep } from "node:timers/promises";

import type { CodeIndex, SearchHit } from "@trust-cli/core/codebase";
import type { TagReader } from "@trust-cli/core/syntax";
import type { CodeAccess } from "@trust-cli/core/tools";

import { type AppVectors, candidatesPerHit } from "./vectors.ts";

/** What is known of the code of a workspace. Nothing is loaded or read before it is asked for. */
export interface AppCode extends CodeAccess {
  open(): Promise<CodeIndex>;
  vectors: AppVectors;
  /** By words, and by meaning as far as there are vectors; `warn` is told why not, where it should be. */
  search(query: string, limit: number, signal: AbortSignal, warn?: (why: string) => void): Promise<SearchHit[]>;
  /** What a parser has against a text: `line 3: missing "}"`. */
  problems: (path: string, text: string) => Promise<readonly string[]>;
}

/** A tool waits this long for an index that is built for the first time; it goes on being built behind it. */
const patienceMilliseconds = 8000;

export function lazyCode(root: string, cacheFolder: string, vectors: AppVectors): AppCode {
  let reading: Promise<TagReader> | undefined;
  let opening: Promise<CodeIndex> | undefined;
  let syncing: Promise<boolean> | undefined;
  const reader = (): Promise<TagReader> => {
    reading ??= import("@trust-cli/core/syntax").then(({ createTagReader }) => createTagReader());
    return reading;
  };
  const open = async (): Promise<CodeIndex> => {
    const { codeIndexFile, openCodeIndex } = await import("@trust-cli/core/codebase");
    opening ??= reader().then((used) => openCodeIndex({ root, file: codeIndexFile(cacheFolder, root), reader: used }));
    return await opening;
  };
  const sync = async (): Promise<boolean> => {
    try {
      return (await (await open()).sync()).outcome === "synced";
    } finally {
      syncing = undefined;
    }
  };
  return {
    open,
    vectors,
    search: async (query, limit, signal, warn) => {
      const byWords = (await open()).search(query, { limit: limit * candidatesPerHit });
      return await vectors.join({ query, byWords, limit }, { signal, warn });
    },
    fresh: async (signal) => {
      const index = await open();
      syncing ??= sync();
      const isSynced = await withPatience(syncing, signal);
      return { index, isComplete: isSynced || index.status().isComplete };
    },
    problems: async (path, text) => {
      const tags = await (await reader()).read(path, text);
      return (tags?.errors ?? []).map(({ line, message }) => `line ${line}: ${message}`);
    },
  };
}

/** False when it takes longer. Rejects on abort. */
async function withPatience(syncing: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const waiting = new AbortController();
  const patience = sleep(patienceMilliseconds, false, { signal: AbortSignal.any([signal, waiting.signal]) });
  try {
    return await Promise.race([syncing, patience]);
  } finally {
    waiting.abort();
    await patience.catch(() => undefined);
  }
}
