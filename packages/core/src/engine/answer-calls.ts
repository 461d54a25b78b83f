import type { AgentEvent } from "../protocol/agent-events.ts";
import type { ToolMessage } from "../protocol/messages.ts";
import type { ToolCall } from "../protocol/tool-call.ts";
import { executeCall, toolMessage } from "./call.ts";
import { objectionTo } from "./ground.ts";
import { judgeCalls } from "./judge-calls.ts";
import { endsInCycle, saysTheSame, thrashes } from "./loops.ts";
import type { Reply } from "./reply.ts";
import { batchCalls, runTogether } from "./schedule.ts";
import { countUsage, say, type Turn } from "./turn-state.ts";

/** The same call may give the same result this often before it is no longer run. */
const toleratedRepeats = 2;

/** Answers every call of a reply, so that no call is left without a result, also after an abort. */
export async function* answerCalls(turn: Turn, reply: Reply): AsyncGenerator<AgentEvent, void, void> {
  const reasons = yield* judgeCalls(turn, reply);
  let stopped: string | undefined;
  for (const batch of batchCalls(reply.message.calls, turn.dependencies.tools)) {
    const results = yield* runTogether(batch.map((call) => answer(turn, call, reasons.get(call.id) ?? stopped)));
    for (const message of results) {
      yield* say(turn, message);
      note(turn, batch, message);
    }
    stopped ??= whyToStop(batch, results, turn);
  }
  turn.texts.push(reply.message.text.trim());
  turn.progress.repeats = turn.repetition.most;
  turn.progress.isLooping =
    endsInCycle(turn.traces.map(({ key }) => key)) || thrashes(turn.traces) || saysTheSame(turn.texts);
}

/** After a change that failed or was refused, later calls of the same reply rest on sand. */
function whyToStop(batch: readonly ToolCall[], results: readonly ToolMessage[], turn: Turn): string | undefined {
  const [call] = batch;
  if (riskOf(turn, call) === "read" || results.every(({ status }) => status === "ok")) return undefined;
  return `not run, because ${call?.name ?? "the call"} before it did not succeed`;
}

const riskOf = (turn: Turn, call: ToolCall | undefined): string | undefined =>
  turn.dependencies.tools.find(({ name }) => name === call?.name)?.risk;

async function* answer(
  turn: Turn,
  call: ToolCall,
  reason: string | undefined,
): AsyncGenerator<AgentEvent, ToolMessage, void> {
  const isRepeated = turn.repetition.seen(call) >= toleratedRepeats;
  const why = (turn.signal.aborted ? "interrupted by the person" : reason) ?? (isRepeated ? repeated : undefined);
  if (why === undefined) {
    const objection = await objectionTo(turn, call);
    if (riskOf(turn, call) !== "read") turn.changes++;
    const message =
      objection === undefined
        ? yield* executeCall(call, { ...turn.dependencies, spent: (usage) => countUsage(turn, usage) }, turn.signal)
        : yield* leaveUnrun(call, objection);
    trace(turn, call, turn.repetition.record(call, message.text), message.status === "failed" ? "failed" : "ok");
    return message;
  }
  if (isRepeated) trace(turn, call, turn.repetition.recordUnrun(call), "failed");
  return yield* leaveUnrun(call, why);
}

async function* leaveUnrun(call: ToolCall, why: string): AsyncGenerator<AgentEvent, ToolMessage, void> {
  const outcome = { status: "failed", text: `error: ${why}`, summary: "not run" } as const;
  yield { type: "tool-end", callId: call.id, ...outcome, milliseconds: 0 };
  return toolMessage(call, outcome);
}

const repeated = "this very call was made before and gave the same result; use that result, or do something else";

// oxlint-disable-next-line max-params -- a call with what came of it
function trace(turn: Turn, call: ToolCall, key: string, outcome: "ok" | "failed"): void {
  turn.traces.push({ key, tool: call.name, outcome, isChange: riskOf(turn, call) === "change" });
}

function note(turn: Turn, batch: readonly ToolCall[], message: ToolMessage): void {
  const call = batch.find(({ id }) => id === message.callId);
  if (call === undefined) return;
  if (message.status === "refused") turn.refused++;
  if (message.status !== "ok") return;
  const risk = riskOf(turn, call);
  if (risk === "change") turn.repetition.forgetAllBut(call);
  if (risk === "read") {
    const source = typeof call.args["path"] === "string" ? call.args["path"] : call.name;
    turn.lastRead = { message, source };
  } else {
    // What was read before a change is no longer what the answer is about.
    turn.lastRead = undefined;
  }
}
