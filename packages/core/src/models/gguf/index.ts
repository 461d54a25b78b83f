export { type GgufHeader, readGgufHeader } from "./header.ts";
export { readModelFacts } from "./model-facts.ts";
