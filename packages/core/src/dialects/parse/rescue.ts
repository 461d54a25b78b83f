import type { ToolSignature } from "../../protocol/tool-call.ts";
import { isRecord, readArguments } from "../call-arguments.ts";
import type { CallFormat } from "../format/tool-format.ts";
import { createCallMender, tolerantJson } from "../repair/index.ts";
import type { ReadBody } from "./call-body.ts";

/** Reads a call in JSON that is not quite JSON, as models write it. The text is whole: its end marker was there. */
export function rescueBody(raw: string, { body }: CallFormat): ReadBody | undefined {
  if (body.kind !== "json") return undefined;
  const read = tolerantJson(raw, { complete: true });
  if (!read.ok || !isRecord(read.value.value)) return undefined;
  const { value, repairs } = read.value;
  const wrapped = body.wrapper === undefined ? undefined : value[body.wrapper];
  const call = callIn(isRecord(wrapped) ? wrapped : value, body);
  return call === undefined ? undefined : { ...call, repairs: [...repairs, ...call.repairs] };
}

function callIn(
  value: Record<string, unknown>,
  { nameKey, argumentsKey }: { nameKey: string; argumentsKey: string },
): ReadBody | undefined {
  const name = value[nameKey] ?? value["name"];
  const args = readArguments(value[argumentsKey] ?? value["arguments"] ?? value["parameters"]);
  if (typeof name !== "string" || name === "" || !args.ok) return undefined;
  return { name, args: args.value.args, repairs: args.value.repairs };
}

/** A text counts as a call only where it needs no repair at all: it may be meant for people. */
export function judgeLeaks(tools: readonly ToolSignature[]): (name: string, args: Record<string, unknown>) => boolean {
  const mend = createCallMender(tools);
  return (name, args) => {
    const mended = mend({ id: "", name, args, raw: "", via: "leak", repairs: [] });
    return mended.ok && mended.call.repairs.length === 0;
  };
}
