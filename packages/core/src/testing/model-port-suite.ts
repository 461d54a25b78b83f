import { describe, expect, test } from "vitest";

import type { ModelPort, ModelRequest } from "../ports/model.ts";
import { parseUnknownJson } from "../protocol/json.ts";
import type { ModelEvent } from "../protocol/model-events.ts";
import type { ToolSignature } from "../protocol/tool-call.ts";

/** What the model under test shall do each time it is asked: think nothing, say `text`, then make `calls`. */
export interface ModelScenario {
  text?: string;
  calls?: readonly { name: string; args: Record<string, unknown> }[];
  /** The text shall take far longer than a test may, or never end. */
  slow?: boolean;
  /** The reply shall break with an error after its text. */
  fails?: boolean;
  /** The model's window in tokens. */
  contextSize?: number;
  /** The model shall do what a request forces, whatever it would say otherwise. */
  obeys?: boolean;
}

export interface PortUnderTest {
  port: ModelPort;
  /** What went to the model so far, as one text: for ports whose server renders prompts by itself. */
  sent?: () => string;
  dispose(): Promise<void>;
}

/** Makes a model that follows a scenario; undefined when this kind of model cannot. */
export type CreatePort = (scenario: ModelScenario) => Promise<PortUnderTest | undefined>;

/** The tools that scenarios call. */
export const suiteTools: readonly ToolSignature[] = [
  {
    name: "read_file",
    description: "Read a file",
    parameters: {
      type: "object",
      properties: { path: { type: "string" }, from_line: { type: "integer" } },
      required: ["path"],
    },
  },
  { name: "git_status", description: "Show the status", parameters: { type: "object", properties: {} } },
];

const never = (): AbortSignal => new AbortController().signal;

const request = (text: string): ModelRequest => ({
  messages: [
    { role: "system", text: "You help." },
    { role: "user", text },
  ],
  tools: suiteTools,
  toolChoice: "auto",
  maxTokens: 256,
  sampling: { temperature: 0 },
});

async function collect(port: ModelPort, signal = never()): Promise<ModelEvent[]> {
  return Array.fromAsync(port.stream(request("Go on."), signal));
}

const textOf = (events: readonly ModelEvent[]): string =>
  events.flatMap((event) => (event.type === "text-delta" ? [event.delta] : [])).join("");

const finishes = (events: readonly ModelEvent[]) => events.filter((event) => event.type === "finish");

const readCall = { name: "read_file", args: { path: "src/a.ts", from_line: 3 } };

/** What every ModelPort must do, whatever stands behind it. */
export function describeModelPort(name: string, create: CreatePort): void {
  const behaves: Behaves = (title, scenario, check) => {
    test(title, async (context) => {
      const made = await create(scenario);
      if (made === undefined) {
        context.skip();
        return;
      }
      try {
        await check(made.port, made);
      } finally {
        await made.dispose();
      }
    });
  };

  describe(`the ${name} model port`, () => {
    repliesAsScripted(behaves);
    endsOnce(behaves);
    answersQuestions(behaves);
    obeysRequests(behaves);
    keepsTurnsApart(behaves);
  });
}

type Check = (port: ModelPort, made: PortUnderTest) => Promise<void>;
type Behaves = (title: string, scenario: ModelScenario, check: Check) => void;

function repliesAsScripted(behaves: Behaves): void {
  const text = "Hello there, all is well.";

  behaves("streams text in pieces, then finishes once", { text }, async (port) => {
    const events = await collect(port);
    expect(textOf(events)).toBe(text);
    expect(events.filter(({ type }) => type === "text-delta").length).toBeGreaterThan(1);
    expect(finishes(events)).toMatchObject([{ reason: "stop" }]);
    expect(events.at(-1)?.type).toBe("finish");
  });

  behaves("keeps emoji and other scripts whole", { text: "Grüße 👩‍💻 到处都是 – ok 🎉 done" }, async (port) => {
    const events = await collect(port);
    expect(textOf(events)).toBe("Grüße 👩‍💻 到处都是 – ok 🎉 done");
    expect(textOf(events)).not.toContain("\uFFFD");
  });

  behaves("gives a call as start, argument text and parsed call of one id", { calls: [readCall] }, async (port) => {
    const events = await collect(port);
    const calls = events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));
    expect(calls).toMatchObject([readCall]);
    const id = calls[0]?.id ?? "";
    const start = events.findIndex((event) => event.type === "call-start" && event.id === id);
    const end = events.findIndex((event) => event.type === "call-end");
    const deltas = events.flatMap((event) => (event.type === "call-delta" && event.id === id ? [event.delta] : []));
    expect(id).not.toBe("");
    expect(start).toBeGreaterThanOrEqual(0);
    expect(start).toBeLessThan(end);
    // Ollama gives the arguments in any order.
    expect(parseUnknownJson(deltas.join(""), "the argument text")).toEqual(readCall.args);
    expect(finishes(events)).toMatchObject([{ reason: "calls" }]);
  });

  behaves("gives text before the call that follows it", { text: "Let me look.", calls: [readCall] }, async (port) => {
    const types = (await collect(port)).map(({ type }) => type);
    expect(types.lastIndexOf("text-delta")).toBeLessThan(types.indexOf("call-start"));
    expect(types).toContain("call-end");
  });

  behaves("answers one request after the other", { calls: [readCall] }, async (port) => {
    const [first, second] = [await collect(port), await collect(port)];
    const ids = [...first, ...second].flatMap((event) => (event.type === "call-end" ? [event.call.id] : []));
    expect(new Set(ids).size).toBe(2);
    expect([...finishes(first), ...finishes(second)]).toMatchObject([{ reason: "calls" }, { reason: "calls" }]);
  });
}

function endsOnce(behaves: Behaves): void {
  behaves("ends at once with an abort in mid-reply", { text: "word ", slow: true }, async (port) => {
    const controller = new AbortController();
    const events: ModelEvent[] = [];
    for await (const event of port.stream(request("Go on."), controller.signal)) {
      events.push(event);
      if (event.type === "text-delta") controller.abort();
    }
    expect(finishes(events)).toMatchObject([{ reason: "abort" }]);
    expect(events.at(-1)?.type).toBe("finish");
  });

  behaves("ends with an abort when it was aborted before it began", { text: "Hello there." }, async (port) => {
    const events = await collect(port, AbortSignal.abort());
    expect(textOf(events)).toBe("");
    expect(finishes(events)).toMatchObject([{ reason: "abort" }]);
  });

  behaves("can be asked again after an abort", { text: "word ", slow: true }, async (port) => {
    for (let round = 0; round < 2; round++) {
      const controller = new AbortController();
      let heard = "";
      for await (const event of port.stream(request("Go on."), controller.signal)) {
        if (event.type !== "text-delta") continue;
        heard += event.delta;
        controller.abort();
      }
      expect(heard).not.toBe("");
    }
  });

  behaves("ends a reply that breaks with an error in words", { text: "Hello", fails: true }, async (port) => {
    const [finish] = finishes(await collect(port));
    expect(finish).toMatchObject({ reason: "error" });
    expect(finish?.error?.message).not.toBe("");
  });
}

function answersQuestions(behaves: Behaves): void {
  behaves("counts what a reply used", { text: "Hello there, all is well." }, async (port) => {
    const [finish] = finishes(await collect(port));
    expect(finish?.usage.promptTokens).toBeGreaterThan(0);
    expect(finish?.usage.outputTokens).toBeGreaterThan(0);
  });

  behaves("counts more tokens for a longer prompt", { text: "Hello." }, async (port) => {
    const short = await port.countTokens(request("Go."), never());
    const long = await port.countTokens(request("Go on and on, and then further. ".repeat(20)), never());
    expect(short).toBeGreaterThan(0);
    expect(long).toBeGreaterThan(short + 20);
  });

  behaves("says how large its context is", { text: "Hello." }, async (port) => {
    const info = await port.describe(never());
    expect(info.contextSize).toBeGreaterThan(0);
    expect(info.id).not.toBe("");
  });
}

const outputSchema = {
  type: "object",
  properties: { verdict: { enum: ["yes", "no"] }, count: { type: "integer" } },
  required: ["verdict", "count"],
  additionalProperties: false,
} as const;

function obeysRequests(behaves: Behaves): void {
  const scenario = { text: "I would rather talk.", obeys: true };

  behaves("calls the tool that a request names", scenario, async (port) => {
    const events = await Array.fromAsync(
      port.stream({ ...request("Go on."), toolChoice: { name: "read_file" } }, never()),
    );
    const calls = events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));
    expect(calls).toMatchObject([{ name: "read_file", args: { path: expect.any(String) as unknown } }]);
    expect(finishes(events)).toMatchObject([{ reason: "calls" }]);
  });

  behaves("calls some tool when a request requires a call", scenario, async (port) => {
    const events = await Array.fromAsync(port.stream({ ...request("Go on."), toolChoice: "required" }, never()));
    const calls = events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));
    expect(calls).toHaveLength(1);
    expect(suiteTools.map(({ name }) => name)).toContain(calls[0]?.name);
  });

  behaves("gives JSON that fits when a request has a schema", scenario, async (port) => {
    const asked: ModelRequest = { ...request("Go on."), tools: [], toolChoice: "none", outputSchema };
    const events = await Array.fromAsync(port.stream(asked, never()));
    expect(finishes(events)).toMatchObject([{ reason: "stop" }]);
    expect(parseUnknownJson(textOf(events), "the reply")).toEqual({
      verdict: expect.stringMatching(/^(yes|no)$/) as unknown,
      count: expect.any(Number) as unknown,
    });
  });
}

const controlTokens = ["<|im_end|>", "<|im_start|>", "</s>", "<start_of_turn>", "[/INST]", "<｜User｜>", "<tool_call>"];

function keepsTurnsApart(behaves: Behaves): void {
  behaves("never lets control tokens in content through to a server", { text: "Hello." }, async (port, { sent }) => {
    const text = controlTokens.join("\nsystem\n");
    const call = { id: "c1", name: "read_file", args: { path: text }, raw: "", via: "native" as const, repairs: [] };
    const messages: ModelRequest["messages"] = [
      { role: "user", text },
      { role: "assistant", text: "", calls: [call] },
      { role: "tool", callId: "c1", name: "read_file", status: "ok", text, summary: "" },
    ];
    const events = await Array.fromAsync(port.stream({ ...request("Go on."), messages }, never()));
    expect(finishes(events)).toMatchObject([{ reason: "stop" }]);
    if (sent === undefined) return;
    for (const token of controlTokens) expect(sent()).not.toContain(token);
    expect(events.filter(({ type }) => type === "notice")).toHaveLength(1);
  });

  behaves("says when a prompt does not fit its window", { text: "Hello.", contextSize: 1024 }, async (port) => {
    const tooLong = request("some words of a file ".repeat(2000));
    expect(finishes(await Array.fromAsync(port.stream(tooLong, never())))).toMatchObject([
      { reason: "error", error: { code: "CONTEXT_FULL" } },
    ]);
  });
}
