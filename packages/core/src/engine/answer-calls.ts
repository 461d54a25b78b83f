import type { AgentEvent } from "../protocol/agent-events.ts";
import type { ToolMessage } from "../protocol/messages.ts";
import type { ToolCall } from "../protocol/tool-call.ts";
import { executeCall, toolMessage } from "./call.ts";
import type { Reply } from "./reply.ts";
import { batchCalls, runTogether } from "./schedule.ts";
import { say, type Turn } from "./turn-state.ts";

/** The same call may give the same result this often before it is no longer run. */
const toleratedRepeats = 2;

/** Answers every call of a reply, so that no call is left without a result, also after an abort. */
export async function* answerCalls(turn: Turn, reply: Reply): AsyncGenerator<AgentEvent, void, void> {
  const { tools } = turn.dependencies;
  turn.progress.invalidCalls = reply.invalid.size > 0 ? turn.progress.invalidCalls + 1 : 0;
  let stopped: string | undefined;
  for (const batch of batchCalls(reply.message.calls, tools)) {
    const results = yield* runTogether(batch.map((call) => answer(turn, call, reply, stopped)));
    for (const message of results) {
      yield* say(turn, message);
      note(turn, batch, message);
    }
    stopped ??= whyToStop(batch, results, turn);
  }
}

/** After a change that failed or was refused, later calls of the same reply rest on sand. */
function whyToStop(batch: readonly ToolCall[], results: readonly ToolMessage[], turn: Turn): string | undefined {
  const [call] = batch;
  const isRead = turn.dependencies.tools.find(({ name }) => name === call?.name)?.risk === "read";
  if (isRead || results.every(({ status }) => status === "ok")) return undefined;
  return `not run, because ${call?.name ?? "the call"} before it did not succeed`;
}

async function* answer(
  turn: Turn,
  call: ToolCall,
  reply: Reply,
  stopped: string | undefined,
): AsyncGenerator<AgentEvent, ToolMessage, void> {
  const isRepeated = turn.repetition.seen(call) >= toleratedRepeats;
  const why = reasonNotToRun(turn, call, reply, stopped) ?? (isRepeated ? repeated : undefined);
  if (why === undefined) {
    const message = yield* executeCall(call, turn.dependencies, turn.signal);
    turn.repetition.record(call, message.text);
    return message;
  }
  if (isRepeated) turn.repetition.recordUnrun(call);
  const outcome = { status: "failed", text: `error: ${why}`, summary: "not run" } as const;
  yield { type: "tool-end", callId: call.id, ...outcome, milliseconds: 0 };
  return toolMessage(call, outcome);
}

const repeated = "this very call was made before and gave the same result; use that result, or do something else";

// oxlint-disable-next-line max-params -- the four things that can forbid a call
function reasonNotToRun(turn: Turn, call: ToolCall, reply: Reply, stopped: string | undefined): string | undefined {
  const invalid = reply.invalid.get(call.id);
  if (invalid?.truncated === true) return "the call was cut off before its end; write it again, shorter";
  if (invalid !== undefined) return `the call could not be read: ${invalid.errors.join("; ")}`;
  if (turn.signal.aborted || reply.finish === "abort") return "interrupted by the person";
  if (reply.finish === "error") return "the reply broke off with an error";
  if (stopped !== undefined) return stopped;
  if (reply.message.calls.indexOf(call) >= turn.dependencies.profile.callsPerStep) {
    return `only ${turn.dependencies.profile.callsPerStep} call at a time; write it again if it is still needed`;
  }
  return undefined;
}

function note(turn: Turn, batch: readonly ToolCall[], message: ToolMessage): void {
  const call = batch.find(({ id }) => id === message.callId);
  if (call === undefined) return;
  turn.progress.repeats = turn.repetition.most;
  if (message.status === "refused") turn.refused++;
  const tool = turn.dependencies.tools.find(({ name }) => name === call.name);
  if (message.status !== "ok") return;
  if (tool?.risk === "change") turn.repetition.forgetAllBut(call);
  if (tool?.risk === "read") {
    const source = typeof call.args["path"] === "string" ? call.args["path"] : call.name;
    turn.lastRead = { message, source };
  } else {
    // What was read before a change is no longer what the answer is about.
    turn.lastRead = undefined;
  }
}
