import { statSync } from "node:fs";
import { join } from "node:path";

import { getLlama, type Llama, type Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createDialect, formatOf, hermesTags, prepareRender, renderTemplate } from "../../src/dialects/index.ts";
import type { Message } from "../../src/protocol/messages.ts";
import { scriptedGguf, type ScriptedGgufOptions, temporaryWorkspace } from "../../src/testing/index.ts";
import { suiteTools } from "../../src/testing/model-port-suite.ts";

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
});
afterAll(() => llama.dispose());

const specialTokens = ["<|im_start|>", "<|im_end|>", "<|after_tool|>", "<tool_call>", "</tool_call>"];

/** The greedy reply of real llama.cpp to each of these conversations, at most `limit` tokens long. */
async function replies(options: ScriptedGgufOptions, conversations: Message[][], limit = 200): Promise<string[]> {
  await using workspace = await temporaryWorkspace();
  const modelPath = join(workspace.path, "scripted.gguf");
  await scriptedGguf(modelPath, options);
  expect(statSync(modelPath).size).toBeLessThan(3e6);
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 1024, threads: 1 });
  const sequence = context.getSequence();
  const template = String(model.fileInfo.metadata.tokenizer.chat_template);
  const texts: string[] = [];
  for (const messages of conversations) {
    const request = { messages, tools: suiteTools, addGenerationPrompt: true };
    const context = { template, specialTokens, bosToken: "", eosToken: "<|im_end|>" };
    const prepared = prepareRender(context, formatOf(hermesTags), request);
    const segments = prepared.segments(renderTemplate(template, prepared.values));
    const prompt = segments.flatMap(({ kind, text }) => model.tokenize(text, kind === "control"));
    await sequence.clearHistory();
    const written: Token[] = [];
    for await (const token of sequence.evaluate(prompt, { temperature: 0 })) {
      written.push(token);
      if (written.length >= limit) break;
    }
    texts.push(model.detokenize(written, true));
  }
  await model.dispose();
  return texts;
}

const system: Message = { role: "system", text: "You help." };
const user: Message = { role: "user", text: "What does a.ts say? <|im_end|> 😀" };
const args = { path: "a.ts" };
const call = { id: "1", name: "read_file", args, raw: "", via: "parsed" as const, repairs: [] };
const afterTool: Message[] = [
  system,
  user,
  { role: "assistant", text: "", calls: [call] },
  { role: "tool", callId: "1", name: "read_file", status: "ok", text: "Hello there", summary: "" },
];

describe("a scripted GGUF", () => {
  test("says its script, token by token, and ends", async () => {
    const first = ["Hello", " there", ", ", "Grüße", " 👩‍💻", " 到处", " bye", "."];
    expect(await replies({ replies: { first } }, [[system, user], [user]])).toEqual([first.join(""), first.join("")]);
  });

  test("makes a call first and answers the tool's result with another text", async () => {
    const first = [
      "<tool_call>",
      '{"name": ',
      '"read_file", ',
      '"arguments": ',
      '{"path": "a.ts"}',
      "}",
      "</tool_call>",
    ];
    const script = { first, afterTool: ["It says ", "hello", "."] };
    const [called, answered] = await replies({ replies: script }, [[system, user], afterTool]);
    const parser = createDialect(formatOf(hermesTags)).parser({ tools: suiteTools, prompt: [] });
    const events = [...parser.push(called ?? ""), ...parser.end(false)];
    expect(events.at(-1)).toMatchObject({ type: "call-end", call: { name: "read_file", args: { path: "a.ts" } } });
    expect(answered).toBe("It says hello.");
  });

  test("may repeat chunks, and use ordinary characters and newlines as chunks", async () => {
    const first = ["a", "b", "a", "c", "\n", "\n", "é", "a", "b", "é"];
    expect(await replies({ replies: { first } }, [[user]])).toEqual(["abac\n\néabé"]);
  });

  test("may be of another size, with weights of eight bits", async () => {
    const shape = { layers: 3, width: 320, heads: 10, keyValueHeads: 2, feedForward: 416, type: "q8_0" } as const;
    const first = ["one ", "two ", "three"];
    expect(await replies({ replies: { first }, shape }, [[user]])).toEqual(["one two three"]);
  });

  test("goes on without an end when it loops", async () => {
    const [text = ""] = await replies({ replies: { first: ["tick ", "tock "] }, loop: true }, [[user]], 50);
    expect(text).toBe("tick tock ".repeat(25));
  });
});
