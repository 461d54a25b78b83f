import type { Repair, ToolSignature } from "../../protocol/tool-call.ts";
import { isRecord } from "../call-arguments.ts";
import { tolerantJson } from "./tolerant-json.ts";

const wrappers = ["parameters", "args", "input", "arguments"];
const labels = ["name", "tool", "function", "type"];

/**
 * The arguments out of a needless `{"arguments": {…}}`, also around the tool's name, also as a JSON text. A key that
 * the tool itself has is never taken for a wrapper, and nothing else beside it is lost.
 */
export function unwrapArguments(
  args: Record<string, unknown>,
  { name, parameters }: ToolSignature,
  repairs: Repair[],
): Record<string, unknown> {
  const own = parameters.properties ?? {};
  const wrapper = wrappers.find((key) => Object.hasOwn(args, key) && !Object.hasOwn(own, key));
  if (wrapper === undefined || parameters.additionalProperties === true) return args;
  const rest = Object.entries(args).filter(([key]) => key !== wrapper);
  const isLabel = ([key, value]: [string, unknown]): boolean =>
    labels.includes(key) && !Object.hasOwn(own, key) && (value === name || value === "function");
  if (!rest.every(isLabel)) return args;
  const inner = asRecord(args[wrapper]);
  if (inner === undefined) return args;
  repairs.push({ kind: "unwrap-arguments", detail: `the arguments stood inside ${wrapper}` });
  return unwrapArguments(inner, { name, description: "", parameters }, repairs);
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "string") return isRecord(value) ? value : undefined;
  const read = tolerantJson(value);
  return read.ok && isRecord(read.value.value) ? read.value.value : undefined;
}
