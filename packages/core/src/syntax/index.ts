export { languageOf } from "./languages.ts";
export { createTagReader, type TagReader, type TagReaderOptions } from "./tag-reader.ts";
