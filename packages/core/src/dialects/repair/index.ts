export { argumentCheck } from "./argument-check.ts";
export { createCallMender, type Mended } from "./call-mender.ts";
export { type TolerantJson, tolerantJson, type TolerantOptions } from "./tolerant-json.ts";
