import { type Candidates, candidatesFor, type ToolCall } from "../../protocol/tool-call.ts";

/** Notes which arguments of a call were chosen among candidates. A leaked call was written without a grammar. */
export function markGrounded(call: ToolCall, candidates: Candidates): ToolCall {
  if (call.via === "leak") return call;
  const grounded = Object.entries(call.args)
    .filter(([name, value]) => candidatesFor(candidates, call.name, name)?.some((one) => one === value) === true)
    .map(([name]) => name);
  return grounded.length === 0 ? call : { ...call, grounded };
}
