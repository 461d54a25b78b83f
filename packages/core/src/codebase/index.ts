export { type CodeIndex, type CodeIndexOptions, type IndexStatus, openCodeIndex } from "./code-index.ts";
export { codeIndexFile } from "./database.ts";
export { listFiles } from "./list-files.ts";
export type { CodeMap, MapOptions, MappedFile } from "./map.ts";
export type { SearchHit, SearchOptions } from "./search.ts";
export type { FoundReference, FoundSymbol, ReferenceOptions, SymbolOptions } from "./symbols.ts";
export type { SyncOptions, SyncProgress, SyncResult } from "./sync.ts";
export type { TagReader } from "./tag-reader.ts";
