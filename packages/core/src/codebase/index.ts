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
export { isBoundedGlob } from "./glob-bounds.ts";
export { codeIndexFile, vectorIndexFile } from "./index-file.ts";
export { listFiles } from "./list-files.ts";
export type { TagReader } from "./tag-reader.ts";
export { fuse } from "./vectors/fuse.ts";
export { dropVectorIndex, type Embedder, openVectorIndex, type VectorIndex } from "./vectors/vector-index.ts";
