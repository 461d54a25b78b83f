import type { Clock } from "../ports/clock.ts";
import type { ApprovalGate, Verdict } from "../ports/gate.ts";
import type { PreparedCall, Tool, ToolOutcome } from "../ports/tool.ts";
import type { AgentEvent, ApprovalDecision, ApprovalRequest } from "../protocol/agent-events.ts";
import { AsyncQueue } from "../protocol/async-queue.ts";
import { failure, isAbort, ok, type Result, TrustError } from "../protocol/errors.ts";
import { describeIssues } from "../protocol/json.ts";
import type { ToolMessage, ToolStatus } from "../protocol/messages.ts";
import type { Usage } from "../protocol/model-events.ts";
import type { ToolCall } from "../protocol/tool-call.ts";

export interface CallDependencies {
  tools: readonly Tool[];
  gate: ApprovalGate;
  clock: Clock;
  /** Told what tools had models do. */
  spent?: (usage: Usage) => void;
}

interface Ready {
  tool: Tool;
  subject: string;
  prepared: PreparedCall;
}

/**
 * The one path from a call to its effect: find → validate → gate → prepare → ask → run. Used for calls of
 * models and for calls by hand. Every mistake becomes a result that the model can read.
 */
export async function* executeCall(
  call: ToolCall,
  dependencies: CallDependencies,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, ToolMessage, void> {
  const ready = yield* prepareCall(call, dependencies, signal);
  if (!ready.ok) {
    const status: ToolStatus = ready.error.code === "REFUSED" ? "refused" : "failed";
    const text = status === "refused" ? ready.error.message : `error: ${explain(ready.error)}`;
    const summary = status === "refused" ? "refused" : "failed";
    yield { type: "tool-end", callId: call.id, status, summary, text, milliseconds: 0 };
    return toolMessage(call, { status, text, summary });
  }
  const { subject, prepared } = ready.value;
  yield { type: "tool-start", call, subject, preview: prepared.preview };
  const began = dependencies.clock.monotonic();
  const { plan, usage, ...outcome } = yield* run(call, prepared, signal);
  if (usage !== undefined) dependencies.spent?.(usage);
  const milliseconds = Math.round(dependencies.clock.monotonic() - began);
  yield { type: "tool-end", callId: call.id, ...outcome, milliseconds };
  if (plan !== undefined) yield { type: "plan", items: plan };
  return toolMessage(call, outcome);
}

export function toolMessage(
  call: ToolCall,
  outcome: { status: ToolStatus; text: string; summary: string },
): ToolMessage {
  return { role: "tool", callId: call.id, name: call.name, ...outcome };
}

/** What the tool itself has against the arguments; undefined for nothing, and for a tool that there is not. */
export function inputErrors(call: ToolCall, tools: readonly Tool[]): string[] | undefined {
  const input = tools.find(({ name }) => name === call.name)?.input.safeParse(call.args);
  return input?.success === false ? describeIssues(input.error) : undefined;
}

async function* prepareCall(
  call: ToolCall,
  { tools, gate }: CallDependencies,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, Result<Ready>, void> {
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) return failure(unknownTool(call.name, tools));
  const input = tool.input.safeParse(call.args);
  if (!input.success) return failure(invalidInput(call, describeIssues(input.error)));
  const subject = tool.subject(input.data);
  const early = tool.commandIsPrepared ? undefined : judge(call, { input: input.data, subject, tool, gate });
  if (early?.effect === "deny") return failure(denied(call, early));
  const prepared = await prepareSafely(tool, input.data, signal);
  if (!prepared.ok) return prepared;
  const verdict = early ?? judgeCommand(call, prepared.value.command ?? subject, gate);
  if (verdict.effect === "deny") return failure(denied(call, verdict));
  if (verdict.effect === "ask") {
    const { rule, grant, target } = verdict;
    const request = { call, risk: tool.risk, subject: target, preview: prepared.value.preview, rule, grant };
    const refused = yield* askPerson(request, gate, signal);
    if (refused !== undefined) return failure(refused);
  }
  return ok({ tool, subject, prepared: prepared.value });
}

/** Undefined when the person agrees. */
async function* askPerson(
  request: ApprovalRequest,
  gate: ApprovalGate,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, TrustError | undefined, void> {
  const { call } = request;
  yield { type: "approval-start", request };
  const decision = await askUntilAbort(gate, request, signal);
  yield { type: "approval-end", callId: call.id, decision };
  if (signal.aborted) return interrupted();
  return decision.decision === "no" ? refusal(refusedByPerson(call, decision.reason)) : undefined;
}

interface Judged extends Verdict {
  target: string;
}

const judgeCommand = (call: ToolCall, command: string, gate: ApprovalGate): Judged => ({
  ...gate.decide(call, "command", command, ["run_command"]),
  target: command,
});

/** The strictest verdict over all that a call touches, and what it is about: a grant for the session covers just that. */
function judge(
  call: ToolCall,
  { input, subject, tool, gate }: { input: unknown; subject: string; tool: Tool; gate: ApprovalGate },
): Judged {
  const also = tool.deniedWith?.(input) ?? [];
  const targets = tool.targets?.(input) ?? [];
  const verdicts = (targets.length === 0 ? [subject] : targets).map((target) => ({
    ...gate.decide(call, tool.risk, target, also),
    target,
  }));
  const strictest = ["deny", "ask", "allow"].flatMap((effect) => verdicts.filter((one) => one.effect === effect));
  return strictest[0] ?? { ...gate.decide(call, tool.risk, subject, also), target: subject };
}

/** An abort is an answer, whatever the asker does with the signal. */
async function askUntilAbort(
  gate: ApprovalGate,
  request: ApprovalRequest,
  signal: AbortSignal,
): Promise<ApprovalDecision> {
  const { promise, resolve } = Promise.withResolvers<ApprovalDecision>();
  const onAbort = (): void => resolve({ decision: "no", reason: "interrupted" });
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, gate.ask(request, signal)]);
  } catch (error) {
    if (signal.aborted) return promise;
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function prepareSafely(tool: Tool, input: unknown, signal: AbortSignal): Promise<Result<PreparedCall>> {
  try {
    return await tool.prepare(input, signal);
  } catch (error) {
    if (error instanceof TrustError) return failure(error);
    if (isAbort(error)) return failure(interrupted());
    throw error;
  }
}

async function* run(
  call: ToolCall,
  prepared: PreparedCall,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, ToolOutcome, void> {
  const output = new AsyncQueue<string>();
  const running = runSafely(prepared, signal, (delta) => output.push(delta)).finally(() => output.end());
  for await (const delta of output) yield { type: "tool-delta", callId: call.id, delta };
  return running;
}

async function runSafely(
  prepared: PreparedCall,
  signal: AbortSignal,
  onOutput: (delta: string) => void,
): Promise<ToolOutcome> {
  try {
    return await prepared.run(signal, onOutput);
  } catch (error) {
    if (isAbort(error)) return { status: "failed", text: "error: interrupted by the person", summary: "interrupted" };
    if (error instanceof TrustError) return { status: "failed", text: `error: ${explain(error)}`, summary: "failed" };
    throw error;
  }
}

const explain = (error: TrustError): string =>
  error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;

function unknownTool(name: string, tools: readonly Tool[]): TrustError {
  const names = tools.map((tool) => tool.name).join(", ");
  return new TrustError("TOOL_UNKNOWN", `there is no tool named ${name}; the tools are ${names}`);
}

function invalidInput(call: ToolCall, issues: readonly string[]): TrustError {
  return new TrustError("INPUT_INVALID", `the arguments of ${call.name} are not valid: ${issues.join("; ")}`);
}

const denied = ({ name }: ToolCall, { rule }: Verdict): TrustError => refusal(`${name} was not run: ${rule}`);

function refusal(message: string): TrustError {
  return new TrustError("REFUSED", message);
}

function refusedByPerson(call: ToolCall, reason: string): string {
  return reason === "" ? `The person refused ${call.name}.` : `The person refused ${call.name}: ${reason}`;
}

const interrupted = (): TrustError => new TrustError("INTERRUPTED", "interrupted by the person");
