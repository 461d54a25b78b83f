export type { Added, AddedSource, AddProgress, DocumentHit } from "./answers.ts";
export { Documentation } from "./documentation.ts";
