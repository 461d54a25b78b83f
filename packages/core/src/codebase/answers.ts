import type { Definition, SymbolKind } from "../protocol/code.ts";
import type { ShownLine } from "./source-lines.ts";

export interface MapFocus {
  /** What the person asks. */
  query?: string;
  /** Paths of the files in play. */
  files?: readonly string[];
}

export interface MapOptions extends MapFocus {
  /** Tokens that the text may have at most. */
  budget: number;
  /** Of the model that will read it. Without one four characters count as a token. */
  countTokens?: (text: string) => number | Promise<number>;
}

export type MappedDefinition = Pick<Definition, "name" | "kind" | "line" | "signature" | "container">;

export interface MappedFile {
  path: string;
  score: number;
  /** In the order of the file. */
  definitions: MappedDefinition[];
}

export interface CodeMap {
  text: string;
  tokens: number;
  /** The most relevant first. */
  files: MappedFile[];
  /** Files that the index holds. */
  known: number;
}

export interface SearchHit {
  path: string;
  /** Only for comparing the hits of one search. */
  score: number;
  isTest: boolean;
  /** The lines that fit best, in the order of the file. */
  lines: ShownLine[];
}

export interface SearchOptions {
  /** Files, at most; 10 unless told. */
  limit?: number;
}

export interface FoundSymbol extends Definition {
  path: string;
}

export interface SymbolOptions {
  kind?: SymbolKind;
  /** Also names that are only like it. Otherwise they are given when there is none that is equal. */
  fuzzy?: boolean;
  /** 50 unless told. */
  limit?: number;
}

export interface FoundReference {
  path: string;
  lines: number[];
  /** How sure it is that the name means what was asked for: the file defines it itself, imports a file that does, or only uses the name. */
  by: "definition" | "import" | "name";
}

export interface ReferenceOptions {
  /** Files, at most; 50 unless told. */
  limit?: number;
}

export interface SyncProgress {
  done: number;
  total: number;
}

export interface SyncOptions {
  signal?: AbortSignal;
  /** Called now and then with how many of the changed files are indexed. */
  onProgress?: (progress: SyncProgress) => void;
}

export interface SyncResult {
  /** `busy`: another process is indexing this workspace; what it has indexed can be read. */
  outcome: "synced" | "busy";
  indexed: number;
  removed: number;
}
