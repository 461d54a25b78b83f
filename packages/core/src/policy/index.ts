export { createGate, type GateOptions } from "./gate.ts";
export { Mode } from "./mode.ts";
export { parseRule, type Rule } from "./rule.ts";
