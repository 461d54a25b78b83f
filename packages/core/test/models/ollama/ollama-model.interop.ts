import { createHash } from "node:crypto";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  createOllamaModel,
  ollamaIdentity,
  type OllamaModelOptions,
  unloadOllamaModel,
} from "../../../src/models/ollama/index.ts";
import type { ModelPort, ModelRequest } from "../../../src/ports/model.ts";
import type { ModelEvent } from "../../../src/protocol/model-events.ts";
import { hasRealOllama, type RealOllama, realOllama } from "../../../src/testing/index.ts";
import { describeModelPort, type ModelScenario, suiteTools } from "../../../src/testing/model-port-suite.ts";
import { chunked } from "../llama/llama-bench.ts";

const isMissing = !hasRealOllama();
if (isMissing) process.stderr.write("SKIPPED: there is no Ollama. Run: npm run interop:setup\n");

let ollama: RealOllama;
beforeAll(async () => {
  if (!isMissing) ollama = await realOllama();
});
afterAll(() => (isMissing ? undefined : ollama[Symbol.asyncDispose]()));

const modelNamed = (model: string, more: Partial<OllamaModelOptions> = {}): ModelPort =>
  createOllamaModel({ url: ollama.url, model, offline: true, allowRemote: false, ...more });

const templateWorker = {
  path: join(import.meta.dirname, "../../../src/models/templates/worker.ts"),
  execArgv: ["--conditions=@trust-cli/source"],
};

const written = ({ name, args }: { name: string; args: unknown }): string =>
  `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(args)}}\n</tool_call>`;

const made = new Set<string>();

/** Held to a call, this model has a call to make. */
const forced = '{"name": "read_file", "arguments": {"path": "a.ts"}}';

async function scripted({ text = "", calls = [], slow = false, obeys = false }: ModelScenario): Promise<string> {
  const first = [...chunked(obeys ? forced : text), ...calls.flatMap((call) => chunked(written(call)))];
  const name = `t-${createHash("sha256").update(JSON.stringify({ first, slow })).digest("hex").slice(0, 12)}`;
  if (!made.has(name)) await ollama.create(name, { replies: { first }, loop: slow, tools: true });
  made.add(name);
  return name;
}

describeModelPort("real Ollama", async (scenario) => {
  if (isMissing || scenario.fails === true) return undefined;
  const { contextSize } = scenario;
  const port = modelNamed(await scripted(scenario), contextSize === undefined ? {} : { contextSize });
  return { port, dispose: async () => port[Symbol.asyncDispose]() };
});

const never = (): AbortSignal => new AbortController().signal;

const request: ModelRequest = {
  messages: [{ role: "user", text: "Go on." }],
  tools: suiteTools,
  toolChoice: "auto",
  maxTokens: 64,
  sampling: { temperature: 0 },
};

const ask = (port: ModelPort, asked = request): Promise<ModelEvent[]> => Array.fromAsync(port.stream(asked, never()));

describe.skipIf(isMissing)("real Ollama", () => {
  test("gives the window that was asked for, and no more than the model was trained for", async () => {
    const name = await scripted({ text: "Hello." });
    await using small = modelNamed(name, { contextSize: 1024 });
    expect(await small.describe(never())).toMatchObject({ contextSize: 1024, local: true, notes: [] });
    await using large = modelNamed(name, { contextSize: 100_000 });
    expect(await large.describe(never())).toMatchObject({ contextSize: 2048 });
  });

  test("refuses a prompt that is too long instead of cutting it, and the error has the numbers", async () => {
    await using model = modelNamed(await scripted({ text: "Hello." }), { contextSize: 1024 });
    const messages = [{ role: "user" as const, text: "some words of a file ".repeat(1000) }];
    expect((await ask(model, { ...request, messages })).at(-1)).toMatchObject({
      reason: "error",
      error: { code: "CONTEXT_FULL", message: expect.stringContaining("1,024") as unknown },
    });
  });

  test("calls tools in plain tags when Ollama's template knows none, and that is said", async () => {
    const tags = ["<tool_call>\n", "<function=", "read_file", ">\n", "<parameter=path>\n", "a.ts", "\n</parameter>"];
    const first = [...tags, "\n</function>", "\n</tool_call>"];
    await ollama.create("plain", { replies: { first }, tools: false });
    await using model = modelNamed("plain");
    const { notes } = await model.describe(never());
    expect(notes).toEqual([expect.stringContaining("no way to give plain tools")]);
    const calls = (await ask(model)).flatMap((event) => (event.type === "call-end" ? [event.call] : []));
    expect(calls).toMatchObject([{ name: "read_file", args: { path: "a.ts" } }]);
  });

  test("calls tools by the model's own template when it can be read", async () => {
    const first = chunked(written({ name: "read_file", args: { path: "a.ts" } }));
    await ollama.create("raw", { replies: { first }, tools: false });
    await using model = modelNamed("raw", { templates: { entry: templateWorker } });
    const events = await ask(model);
    const calls = events.flatMap((event) => (event.type === "call-end" ? [event.call] : []));
    expect(calls).toMatchObject([{ name: "read_file", args: { path: "a.ts" } }]);
    expect(events.at(-1)).toMatchObject({ reason: "calls", usage: { promptTokens: expect.any(Number) as unknown } });
  });

  test("is known by its digest, and leaves memory when it is told to", async () => {
    const model = await scripted({ text: "Hello." });
    const place = { url: ollama.url, model, offline: true, allowRemote: false };
    expect(await ollamaIdentity(place, never())).toMatchObject({
      weights: expect.stringMatching(/@[0-9a-f]{64}$/) as unknown,
      backend: expect.stringMatching(/^ollama \d/) as unknown,
    });
    await using port = modelNamed(model);
    await port.describe(never());
    expect(await unloadOllamaModel(place, never())).toBe(true);
  });

  test("takes a call and its result back, and answers it", async () => {
    const call = { id: "c1", name: "git_status", args: { path: "a" }, raw: "", via: "native" as const, repairs: [] };
    await using model = modelNamed(await scripted({ text: "Hello." }));
    const messages = [
      ...request.messages,
      { role: "assistant" as const, text: "", calls: [call] },
      { role: "tool" as const, callId: "c1", name: "git_status", status: "ok" as const, text: "clean", summary: "" },
    ];
    const events = await ask(model, { ...request, messages });
    expect(events.at(-1)).toMatchObject({ type: "finish", reason: "stop" });
  });

  test("counts prompts as we do, about", async () => {
    await using model = modelNamed(await scripted({ text: "Hello." }));
    const [finish] = (await ask(model)).slice(-1);
    const counted = finish?.type === "finish" ? finish.usage.promptTokens : 0;
    const estimate = await model.countTokens(request, never());
    expect(estimate / counted).toBeCloseTo(1.05, 1);
  });

  test("is told what is missing", async () => {
    await using model = modelNamed("no-such-model");
    await expect(model.describe(never())).rejects.toMatchObject({
      code: "MODEL_MISSING",
      hint: "ollama pull no-such-model",
    });
  });
});
