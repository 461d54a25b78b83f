export { type GgufHeader, readGgufHeader } from "./header.ts";
