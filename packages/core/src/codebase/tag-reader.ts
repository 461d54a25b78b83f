import type { FileTags } from "../protocol/code.ts";

/** What the index asks of a parser. Undefined: it has no grammar for this file. */
export interface TagReader {
  read(path: string, text: string, signal?: AbortSignal): Promise<FileTags | undefined>;
}
