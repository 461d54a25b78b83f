import { TrustError } from "../protocol/errors.ts";

/** One file of a source: its bytes are read when its turn comes. */
export interface SourceFile {
  /** Unique in its source, with `/`. */
  path: string;
  /** Undefined when it is larger than a file may be, or cannot be read. */
  read(): Promise<Buffer | undefined>;
}

/** What is added as one and bears one name. */
export interface DocumentSource {
  /** What it is called when the person does not say. */
  name: string;
  /** What it is, wherever it was found and in whichever version: a second one of this name is another source. */
  origin: string;
  /** Where it was found, for people. */
  location: string;
  /** In the order of reading. */
  files(signal: AbortSignal): AsyncIterable<SourceFile> | Iterable<SourceFile>;
  /** Said after adding: what lies there and was not taken. */
  notes: string[];
}

export const limits = {
  fileBytes: 8_000_000,
  sourceBytes: 200_000_000,
  sections: 100_000,
  /** Files of a folder that are looked at. */
  files: 100_000,
} as const;

export const docsError = (message: string, hint: string, cause?: unknown): TrustError =>
  new TrustError("INPUT_INVALID", message, { hint, cause });
