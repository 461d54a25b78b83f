import type { AgentEvent } from "../protocol/agent-events.ts";
import type { ToolCall, ToolSignature } from "../protocol/tool-call.ts";
import { shareWindow } from "./budget.ts";
import { inputErrors } from "./call.ts";
import { runsInCircles } from "./loops.ts";
import type { Reply } from "./reply.ts";
import type { Turn } from "./turn-state.ts";

/** Why calls of a reply are not run, by call id. */
export type Reasons = ReadonlyMap<string, string>;

/**
 * Looks at every call before any is run. Wrong arguments climb the ladder of their tool, once a reply: first the
 * model is told what is wrong and what the schema is, then the call is forced, then the tool is stopped for this
 * turn, unless the model can be asked to write calls in another way.
 */
export async function* judgeCalls(turn: Turn, reply: Reply): AsyncGenerator<AgentEvent, Reasons, void> {
  const { calls } = reply.message;
  const broken = whyNothingRuns(turn, reply);
  if (broken !== undefined) return new Map(calls.map(({ id }) => [id, broken]));
  const reasons = new Map<string, string>();
  const wrong = new Map<string, { id: string; errors: readonly string[] }[]>();
  let usable = 0;
  for (const [index, call] of calls.entries()) {
    const errors = reply.invalid.get(call.id)?.errors ?? inputErrors(call, turn.dependencies.tools);
    const why = reasonApart(turn, reply, index);
    if (why !== undefined) reasons.set(call.id, why);
    else if (errors !== undefined) {
      const tool = toolOf(turn, call);
      wrong.set(tool, [...(wrong.get(tool) ?? []), { id: call.id, errors }]);
    } else {
      usable++;
      turn.ladder.succeeded(call.name);
    }
  }
  turn.progress.invalidCalls = usable > 0 ? 0 : turn.progress.invalidCalls + 1;
  for (const [tool, mistakes] of wrong) {
    const advice = yield* climb(turn, tool);
    for (const { id, errors } of mistakes) reasons.set(id, `this call is not valid: ${errors.join("; ")}${advice}`);
  }
  return reasons;
}

function whyNothingRuns(turn: Turn, reply: Reply): string | undefined {
  if (turn.signal.aborted || reply.finish === "abort") return "interrupted by the person";
  return reply.finish === "error" ? "the reply broke off with an error" : undefined;
}

/** What forbids a call however well it is written. */
function reasonApart(turn: Turn, reply: Reply, index: number): string | undefined {
  const { callsPerStep } = turn.dependencies.profile;
  const call = reply.message.calls[index];
  if (call === undefined) return undefined;
  if (index >= callsPerStep) return `only ${callsPerStep} call at a time; write it again if it is still needed`;
  if (reply.invalid.get(call.id)?.truncated === true) return cutOff(turn, call);
  if (turn.ladder.isStopped(call.name)) return `${call.name} is stopped for this turn; go on without it`;
  return undefined;
}

/** A reply that was too short for its call gets more room, once; one that only repeats itself would fill any room. */
function cutOff(turn: Turn, call: ToolCall): string {
  if (runsInCircles(call.raw)) return "the call was cut off before its end; write it again, shorter";
  const { profile } = turn.dependencies;
  const size = turn.info?.contextSize ?? 0;
  const { refusedTokens: refused } = turn.recovery;
  const isLarger = shareWindow(profile, size, { doubled: true, refused }).output > shareWindow(profile, size).output;
  if (turn.recovery.outputDoubled || !isLarger) {
    return "the call was cut off before its end and not run; write less in one call, and add the rest with further calls";
  }
  turn.recovery.outputDoubled = true;
  return "the call was cut off before its end and not run; there is more room now: write it again, whole";
}

/** A name that no tool has counts as one tool. */
const toolOf = (turn: Turn, { name }: ToolCall): string => (signatureOf(turn, name) === undefined ? "" : name);

const signatureOf = (turn: Turn, name: string): ToolSignature | undefined =>
  turn.dependencies.signatures.find((signature) => signature.name === name);

async function* climb(turn: Turn, tool: string): AsyncGenerator<AgentEvent, string, void> {
  const rung = turn.ladder.failed(tool);
  const what = tool === "" ? "a call" : `a call of ${tool}`;
  if (rung === "stop") {
    const downgraded = yield* downgrade(turn);
    if (downgraded) return schemaAdvice(turn, tool);
    return tool === "" ? "" : `. ${tool} is stopped for this turn; go on without it`;
  }
  if (rung === "explain") return schemaAdvice(turn, tool);
  turn.recovery.forced = tool === "" ? "required" : { name: tool };
  yield { type: "notice", text: `The model wrote ${what} wrongly twice: its next reply is held to such a call.` };
  return "";
}

async function* downgrade(turn: Turn): AsyncGenerator<AgentEvent, boolean, void> {
  if (turn.recovery.downgraded) return false;
  turn.recovery.downgraded = true;
  const change = turn.dependencies.model.downgrade?.();
  if (change === undefined) return false;
  turn.ladder.reset();
  turn.progress.invalidCalls = 0;
  const text = `This model writes calls better as ${change.to}: it is asked for them so from now on, not as ${change.from}.`;
  yield { type: "notice", text };
  return true;
}

/** Longer schemas are not worth their room in the conversation. */
const longestSchema = 3000;

function schemaAdvice(turn: Turn, tool: string): string {
  const parameters = signatureOf(turn, tool)?.parameters;
  const schema = parameters === undefined ? "" : JSON.stringify(parameters);
  return schema === "" || schema.length > longestSchema
    ? ""
    : `. The arguments of ${tool} follow this schema: ${schema}`;
}
