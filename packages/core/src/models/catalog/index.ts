export { type ModelReference, resolveModelReference } from "./model-reference.ts";
