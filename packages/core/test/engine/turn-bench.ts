import { argumentCheck, createCallMender } from "../../src/dialects/repair/index.ts";
import {
  createConversation,
  runTurn,
  type Said,
  systemPrompt,
  taskTool,
  type TurnDependencies,
} from "../../src/engine/index.ts";
import { createGrounding } from "../../src/grounding/index.ts";
import { createGate, type GateOptions } from "../../src/policy/index.ts";
import type { ScaffoldProfile, Tool } from "../../src/ports/index.ts";
import type {
  AgentEvent,
  ApprovalDecision,
  ApprovalRequest,
  JsonSchema,
  Message,
  ToolMessage,
} from "../../src/protocol/index.ts";
import {
  type ManualClock,
  manualClock,
  type ScriptedModel,
  scriptedModel,
  type ScriptReply,
  type TemporaryWorkspace,
  temporaryWorkspace,
  temporaryJournal,
} from "../../src/testing/index.ts";
import {
  builtInTools,
  createEditFailures,
  createReadLedger,
  defaultLimits,
  toolSignature,
} from "../../src/tools/index.ts";
import { openWorkspace } from "../../src/workspace/index.ts";

export const profile: ScaffoldProfile = {
  id: "test",
  prompt: "guided",
  promptTokens: 100_000,
  outputTokens: 1000,
  earlierTurns: undefined,
  callsPerStep: 8,
  reviews: 0,
  cards: 0,
  thoughtTokens: undefined,
  asksForNext: false,
  resultLines: 100,
  resultBytes: 10_000,
  lineColumns: 200,
  changedLines: 0,
  constrainedCalls: false,
  showEvidence: false,
  sampling: { temperature: 0 },
};

export interface BenchOptions {
  files?: Readonly<Record<string, string>>;
  gate?: Partial<GateOptions>;
  profile?: Partial<ScaffoldProfile>;
  limits?: Partial<TurnDependencies["limits"]>;
  contextSize?: number;
  /** Besides the built-in ones. */
  tools?: readonly Tool[];
  /** Stands in for the scripted replies. */
  model?: TurnDependencies["model"];
  /** The JSON Schema of the answer. */
  answerSchema?: JsonSchema;
  review?: TurnDependencies["review"];
  /** It may hand work to helpers. */
  delegates?: true;
}

/** Reaction to an event before the next one is asked for: what a front end does in between. */
export type Watch = (event: AgentEvent) => void | Promise<void>;

export interface Bench extends AsyncDisposable {
  workspace: TemporaryWorkspace;
  model: ScriptedModel;
  clock: ManualClock;
  conversation: ReturnType<typeof createConversation>;
  controller: AbortController;
  ask(said: string | Said, watch?: Watch): Promise<AgentEvent[]>;
}

/** An engine with a scripted model, real tools in a real folder, the real gate and a clock that stands still. */
export async function turnBench(replies: readonly ScriptReply[], options: BenchOptions = {}): Promise<Bench> {
  const temporary = await temporaryWorkspace(options.files ?? { "a.txt": "alpha\n", "b.txt": "beta\n" });
  const workspace = await openWorkspace(temporary.path);
  const built = builtInTools({
    workspace,
    changes: temporaryJournal(workspace),
    ledger: createReadLedger(),
    failures: createEditFailures(),
    limits: defaultLimits,
  });
  const tools = [...built, ...(options.tools ?? [])];
  const model = scriptedModel(replies, options.contextSize === undefined ? {} : { contextSize: options.contextSize });
  const clock = manualClock();
  const conversation = createConversation(systemPrompt("guided", "/work"));
  const controller = new AbortController();
  const signatures = tools.map(toolSignature);
  const alone: TurnDependencies = {
    model: options.model ?? model,
    tools,
    signatures,
    mendCall: createCallMender(signatures),
    gate: createGate({ mode: "auto", allow: [], deny: [], ask: undefined, ...options.gate }),
    clock,
    profile: { ...profile, ...options.profile },
    limits: { steps: 20, minutes: 10, outputTokens: undefined, ...options.limits },
    grounding: createGrounding(workspace),
    ...(options.answerSchema === undefined ? {} : { answer: answerForm(options.answerSchema) }),
    ...(options.review === undefined ? {} : { review: options.review }),
  };
  const dependencies = options.delegates === true ? withTask(alone) : alone;
  return {
    workspace: temporary,
    model,
    clock,
    conversation,
    controller,
    async ask(said, watch = () => undefined) {
      const events: AgentEvent[] = [];
      const message = typeof said === "string" ? { text: said } : said;
      for await (const event of runTurn(message, conversation, dependencies, controller.signal)) {
        events.push(event);
        await watch(event);
      }
      return events;
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

function withTask(dependencies: TurnDependencies): TurnDependencies {
  const tools = [
    ...dependencies.tools,
    taskTool({ dependencies, helperTools: () => dependencies.tools, systemText: systemPrompt("guided", "/work") }),
  ];
  const signatures = tools.map(toolSignature);
  return { ...dependencies, tools, signatures, mendCall: createCallMender(signatures) };
}

function answerForm(schema: JsonSchema): NonNullable<TurnDependencies["answer"]> {
  const check = argumentCheck(schema);
  return { schema, errorsOf: (value) => check.errorsOf(value) };
}

/** A person who gives this answer each time; `asked` collects what was asked. */
export function person(answer: ApprovalDecision) {
  const asked: ApprovalRequest[] = [];
  const gate: Partial<GateOptions> = {
    mode: "ask",
    ask: (request) => {
      asked.push(request);
      return Promise.resolve(answer);
    },
  };
  return { asked, gate };
}

export const ofType = <T extends AgentEvent["type"]>(events: readonly AgentEvent[], type: T) =>
  events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);

export const messages = (events: readonly AgentEvent[]): Message[] =>
  ofType(events, "message").map(({ message }) => message);

export const results = (events: readonly AgentEvent[]): ToolMessage[] =>
  messages(events).flatMap((message) => (message.role === "tool" ? [message] : []));

export const ends = (events: readonly AgentEvent[]) => ofType(events, "turn-end");

/** Ids of calls that the conversation holds without a result. */
export function unanswered(log: readonly Message[]): string[] {
  const answered = new Set(log.flatMap((message) => (message.role === "tool" ? [message.callId] : [])));
  const calls = log.flatMap((message) => (message.role === "assistant" ? message.calls : []));
  return calls.map(({ id }) => id).filter((id) => !answered.has(id));
}
