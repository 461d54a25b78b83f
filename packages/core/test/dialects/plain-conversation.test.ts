import { describe, expect, test } from "vitest";

import { createDialect } from "../../src/dialects/index.ts";
import type { Message } from "../../src/protocol/messages.ts";
import { conversationWith, template } from "./conversation.ts";
import { formatFor, renderedPrompt } from "./formats.ts";

const gemma = template("../../dialects/corpus/templates/google-gemma-2-2b-it").trim();
const context = (text: string) => ({
  template: text,
  specialTokens: ["<end_of_turn>"],
  bosToken: "<bos>",
  eosToken: "<eos>",
});
const joined = (text: string, messages: readonly Message[]): string =>
  renderedPrompt(context(text), { messages, tools: conversationWith("x").tools, addGenerationPrompt: true })
    .map((segment) => segment.text)
    .join("");

describe("a model whose template knows neither tools nor a system role", () => {
  const prompt = joined(gemma, conversationWith("plain").messages);

  test("is told of the tools and of how to call them in its first message", () => {
    expect(prompt).toContain("You help. plain");
    expect(prompt).toContain('{"name": "read_file"');
    expect(prompt).toContain("<function=tool_name>");
  });

  test("sees earlier calls and their results, each role in its turn", () => {
    expect(prompt).toContain("<function=read_file>");
    expect(prompt).toContain('<tool_response name="read_file">\ng plain h\n</tool_response>');
    const turns = [...prompt.matchAll(/<start_of_turn>(\w+)/g)].map(([, role]) => role);
    expect(turns).toEqual(["user", "model", "user", "model"]);
  });

  test("is read in the very syntax that it was told", () => {
    const dialect = createDialect(formatFor(gemma));
    const reader = dialect.parser({ tools: conversationWith("x").tools, prompt: [] });
    const text =
      "<tool_call>\n<function=read_file>\n<parameter=path>\nsrc/a.ts\n</parameter>\n</function>\n</tool_call>";
    expect(dialect.format.origin).toBe("generic");
    expect([...reader.push(text), ...reader.end(false)].at(-1)).toMatchObject({
      type: "call-end",
      call: { name: "read_file", args: { path: "src/a.ts" } },
    });
  });
});

describe("ids of calls", () => {
  const nemo = template("../../dialects/corpus/templates/mistralai-Mistral-Nemo-Instruct-2407");

  test("take the form that the template demands, the same each time", () => {
    const { messages } = conversationWith("x");
    const prompt = joined(nemo, messages);
    expect(prompt).toMatch(/"id": "[0-9a-f]{9}"/);
    expect(joined(nemo, messages)).toBe(prompt);
  });
});
