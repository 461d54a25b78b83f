export { type GgufHeader, readGgufHeader } from "./header.ts";
export { readModel, readModelFacts } from "./model-facts.ts";
