import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createGrounding } from "../../../src/grounding/index.ts";
import type { LlamaModel } from "../../../src/models/llama/llama-model.ts";
import type { Tool } from "../../../src/ports/index.ts";
import type { Candidates, JsonSchema, ToolCall } from "../../../src/protocol/index.ts";
import {
  randomGguf,
  temporaryJournal,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "../../../src/testing/index.ts";
import {
  builtInTools,
  createEditFailures,
  createReadLedger,
  defaultLimits,
  toolSignature,
} from "../../../src/tools/index.ts";
import { openWorkspace } from "../../../src/workspace/index.ts";
import { ends, messages, turnBench } from "../../engine/turn-bench.ts";
import { chunked, never, ofType, openModel, replyTo, request, scriptedLlama, textOf } from "./llama-bench.ts";

const paths = Array.from({ length: 120 }, (_, index) => `src/part-${index % 7}/unit ${index}.test.ts`);
const files = Object.fromEntries(
  ["README.md", "ünï/über.md", 'it\'s "quoted".txt', ...paths].map((path) => [path, "x"]),
);

let workspace: TemporaryWorkspace;
let tools: readonly Tool[];
const offered = () => tools.filter(({ name }) => name === "read_file" || name === "run_command").map(toolSignature);
let candidates: Candidates;
let model: LlamaModel;
beforeAll(async () => {
  workspace = await temporaryWorkspace(files);
  const opened = await openWorkspace(workspace.path);
  tools = builtInTools({
    workspace: opened,
    changes: temporaryJournal(opened),
    ledger: createReadLedger(),
    failures: createEditFailures(),
    limits: defaultLimits,
  });
  const messages = [{ role: "user" as const, text: "Read something" }];
  candidates = await createGrounding(opened).candidates({ tools, messages, changes: 0 }, never());
  await using folder = await temporaryWorkspace();
  const path = join(folder.path, "random.gguf");
  await randomGguf(path, { seed: 7, chunks: ['"', '", ', "{", "}"] });
  model = openModel(path);
  await model.describe(never());
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

/** One forced call; undefined when it was cut off. */
async function forced(
  tool: string,
  seed: number,
  more: { candidates?: Candidates } = {},
): Promise<ToolCall | undefined> {
  const sampling = { temperature: 1, seed };
  const asked = request("Go on.", { tools: offered(), toolChoice: { name: tool }, maxTokens: 120, sampling, ...more });
  return ofType(await replyTo(model, asked), "call-end")[0]?.call;
}

const isFile = (path: unknown): boolean => {
  const target = join(workspace.path, String(path));
  return existsSync(target) && statSync(target).isFile();
};

describe("a model of random weights that is forced to call", () => {
  test("names a file that exists, 100 times of 100, when the argument is grounded", async () => {
    const calls: (ToolCall | undefined)[] = [];
    for (let seed = 1; seed <= 100; seed++) calls.push(await forced("read_file", seed, { candidates }));
    expect(calls.filter((call) => !isFile(call?.args["path"]))).toEqual([]);
    expect(calls.every((call) => call?.grounded?.join() === "path" && call.via === "forced")).toBe(true);
    expect(new Set(calls.map((call) => call?.args["path"])).size).toBeGreaterThan(5);
  });

  test("names none when it is not", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const call = await forced("read_file", seed);
      expect([isFile(call?.args["path"] ?? "none"), call?.grounded]).toEqual([false, undefined]);
    }
  });

  test("is free in what no source grounds", async () => {
    const call = await forced("run_command", 3, { candidates });
    expect(call?.grounded).toBeUndefined();
  });
});

test("a model that calls of its own accord is held to the candidates too, whatever grammar it has otherwise", async () => {
  const wanted = chunked('<tool_call>{"name": "read_file", "arguments": {"path": "READYOU.md"}}</tool_call>');
  await using scripted = await scriptedLlama({ replies: { first: wanted } });
  const asked = request("Read it", { tools: offered(), candidates, maxTokens: 200 });
  const [call] = ofType(await replyTo(scripted.model, asked), "call-end");
  expect(call?.call).toMatchObject({ name: "read_file", grounded: ["path"] });
  expect(isFile(call?.call.args["path"])).toBe(true);
});

test("a model that has candidates can still answer in words", async () => {
  await using scripted = await scriptedLlama({ replies: { first: chunked("There is no such file here.") } });
  const asked = request("Read nothing.txt", { tools: offered(), candidates });
  expect(textOf(await replyTo(scripted.model, asked))).toBe("There is no such file here.");
});

const schemas: [string, JsonSchema][] = [
  ["a record", objectOf({ name: { type: "string", maxLength: 12 }, count: { type: "integer" } })],
  ["a list", { type: "array", items: { enum: ["open", "closed", 3, null] }, minItems: 1, maxItems: 4 }],
  [
    "a choice",
    { anyOf: [objectOf({ ok: { type: "boolean" } }), objectOf({ error: { type: "string", maxLength: 9 } })] },
  ],
  [
    "what looks like a call",
    objectOf({ name: { const: "read_file" }, arguments: objectOf({ path: { const: "a.txt" } }) }),
  ],
  ["one number", { type: "number", minimum: 0, maximum: 1 }],
];

function objectOf(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

test.each(schemas)("the answer of random weights is %s when it must be", async (_what, answerSchema) => {
  await using bench = await turnBench([], { model, answerSchema, profile: { outputTokens: 100 } });
  const events = await bench.ask("Go on.");
  expect(ends(events)).toMatchObject([{ reason: "done" }]);
  expect(() => JSON.parse(messages(events).at(-1)?.text ?? "")).not.toThrow();
});
