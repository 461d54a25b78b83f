import { readFileSync } from "node:fs";

import { afterAll, describe, expect, test } from "vitest";
import * as z from "zod";

import { casePrompts, ChatCase, parseCase, type ParsedCase, tryParseJson } from "../../src/dialects/index.ts";
import { createNativeRenderer } from "../../src/models/llama/native-renderer.ts";
import { openChatTemplate, TemplateEngine } from "../../src/models/templates/index.ts";
import { parseJson } from "../../src/protocol/json.ts";
import { hostEntry, templateWorker } from "../models/llama/llama-bench.ts";

const Expected = z.looseObject({
  expect: z.looseObject({
    content: z.string(),
    reasoning_content: z.string(),
    tool_calls: z.array(z.looseObject({ name: z.string(), arguments: z.string() })),
  }),
});

const read = (path: string): string => readFileSync(new URL(`corpus/${path}`, import.meta.url), "utf8");

const cases = read("chat-cases.jsonl")
  .trim()
  .split("\n")
  .map((line, index) => ({
    index,
    chatCase: parseJson(line, ChatCase, `case ${index}`),
    expected: parseJson(line, Expected, `case ${index}`).expect,
  }));

const native = createNativeRenderer(hostEntry);
const engine = new TemplateEngine({ entry: templateWorker, native: native.render });
const never = (): AbortSignal => new AbortController().signal;
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await native[Symbol.asyncDispose]();
});

/** Arguments as JSON values; those of a call that was cut off are only known to be no JSON yet. */
function valueOf(text: unknown): unknown {
  if (typeof text !== "string") return text;
  const parsed = tryParseJson(text, "arguments");
  return parsed.ok ? parsed.value : "cut off";
}

const comparable = ({ content, reasoning, calls, splitsAgree }: ParsedCase) => ({
  content: content.trim(),
  reasoning: reasoning.trim(),
  calls: calls.map((call) => ({ name: call.name, arguments: valueOf(call.arguments) })),
  splitsAgree,
});

const templates = [...new Set(cases.map(({ chatCase }) => chatCase.template))].toSorted();

describe("the replies of the corpus", () => {
  test.each(templates)("behind %s are read whole and at every byte split", async (template) => {
    const text = read(`templates/${template}`);
    const context = { template: text, specialTokens: [], bosToken: "", eosToken: "" };
    const { format } = await openChatTemplate(context, { engine }, never());
    for (const { index, chatCase, expected } of cases.filter((one) => one.chatCase.template === template)) {
      const rendered = await engine.render(text, casePrompts(chatCase), never());
      const prompt = rendered.flatMap((one) => ("text" in one ? [one.text] : []))[0] ?? "";
      expect(comparable(parseCase(format, chatCase, prompt)), `case ${index}`).toEqual({
        content: expected.content.trim(),
        reasoning: expected.reasoning_content.trim(),
        calls: expected.tool_calls.map((call) => ({ name: call.name, arguments: valueOf(call.arguments) })),
        splitsAgree: true,
      });
    }
  });
});
