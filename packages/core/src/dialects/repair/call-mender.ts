import type { Repair, ToolCall, ToolSignature } from "../../protocol/tool-call.ts";
import { isRecord } from "../call-arguments.ts";
import { type ArgumentCheck, argumentCheck } from "./argument-check.ts";
import { fitToSchema } from "./fit-to-schema.ts";
import { resolveName } from "./resolve-name.ts";
import { unwrapArguments } from "./unwrap-arguments.ts";

/** A call that its tool's schema admits, or what is wrong with it. `call` is as far as it could be repaired. */
export type Mended = { ok: true; call: ToolCall } | { ok: false; call: ToolCall; errors: string[] };

/**
 * Repairs calls in a fixed order: the tool's name, needless wrapping, the form of each value; then the schema judges.
 * A call that is valid as it stands stays as it is. Every departure from what was written is in `call.repairs`, and
 * no value is ever made up.
 */
export function createCallMender(tools: readonly ToolSignature[]): (call: ToolCall) => Mended {
  return (call) => mend(call, tools);
}

function mend(call: ToolCall, tools: readonly ToolSignature[]): Mended {
  if (isDeeper(call.args, deepest)) return { ok: false, call: { ...call, args: {} }, errors: ["nested too deeply"] };
  const resolved = resolveName(call.name, tools);
  if (!resolved.ok) return { ok: false, call, errors: [resolved.error] };
  const { tool } = resolved;
  const named = tool.name === call.name ? call : withRepairs({ ...call, name: tool.name }, [renamed(call, tool)]);
  const check = argumentCheck(tool.parameters);
  const isDone = check.unchecked === undefined && check.errorsOf(named.args).length === 0;
  if (isDone) return { ok: true, call: named };
  const repaired = repairArguments(named, tool, check);
  const errors = check.errorsOf(repaired.args);
  return errors.length === 0 ? { ok: true, call: repaired } : { ok: false, call: repaired, errors };
}

/** Far below what would overflow the stack of whatever walks over arguments later. */
const deepest = 128;

/** Looks at one level after the other, and so never overflows the stack itself. */
function isDeeper(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= limit; depth++) {
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}

function repairArguments(call: ToolCall, tool: ToolSignature, check: ArgumentCheck): ToolCall {
  const repairs: Repair[] = [];
  if (check.unchecked !== undefined) {
    repairs.push({ kind: "unchecked", detail: `the schema of ${tool.name} cannot be used: ${check.unchecked}` });
  }
  const unwrapped = unwrapArguments(call.args, tool, repairs);
  const fitted = fitToSchema(unwrapped, check.schema, "", { root: check.schema, raw: call.raw, repairs });
  return withRepairs({ ...call, args: isRecord(fitted) ? fitted : unwrapped }, repairs);
}

const renamed = (call: ToolCall, tool: ToolSignature): Repair => ({
  kind: "resolve-name",
  detail: `${call.name} as ${tool.name}`,
});

const withRepairs = (call: ToolCall, repairs: readonly Repair[]): ToolCall =>
  repairs.length === 0 ? call : { ...call, repairs: [...call.repairs, ...repairs] };
