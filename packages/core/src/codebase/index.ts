export type {
  CodeMap,
  FoundReference,
  FoundSymbol,
  MapOptions,
  MappedFile,
  ReferenceOptions,
  SearchHit,
  SearchOptions,
  SymbolOptions,
  SyncOptions,
  SyncProgress,
  SyncResult,
} from "./answers.ts";
export { type CodeIndex, type CodeIndexOptions, type IndexStatus, openCodeIndex } from "./code-index.ts";
export { codeIndexFile } from "./index-file.ts";
export { listFiles } from "./list-files.ts";
export type { TagReader } from "./tag-reader.ts";
