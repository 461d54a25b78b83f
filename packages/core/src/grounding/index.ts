export { createGrounding } from "./grounding.ts";
