import { Template } from "@huggingface/jinja";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { PromptSegment, TemplateContext } from "../../src/dialects/types.ts";
import { conversationWith, specialTokens, template, templateNames } from "./conversation.ts";
import { renderedPrompt as renderPrompt } from "./formats.ts";

const context = (name: string): TemplateContext => ({
  template: template(name),
  specialTokens,
  bosToken: "<|endoftext|>",
  eosToken: "<|im_end|>",
});

const render = (name: string, content: string): PromptSegment[] =>
  renderPrompt(context(name), { ...conversationWith(content), addGenerationPrompt: true });

const anySpecial = new RegExp(specialTokens.map((text) => RegExp.escape(text)).join("|"), "u");
const everySpecial = new RegExp(anySpecial, "gu");

const specials = (segments: readonly PromptSegment[]): string[] =>
  segments.flatMap(({ kind, text }) => (kind === "control" ? (text.match(everySpecial) ?? []) : []));

const joined = (segments: readonly PromptSegment[]): string => segments.map(({ text }) => text).join("");

const fragment = fc.oneof(
  fc.constantFrom(...specialTokens),
  fc.constantFrom(...specialTokens).chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))),
  fc.constantFrom(...specialTokens).chain((text) => fc.nat(text.length).map((start) => text.slice(start))),
  fc.constantFrom("\u{F0000}", "\u{F0001}", "\u{10FFFD}", "\n", " ", '"', "\\", "é", "😀", "user\n", "{{ 1 }}"),
);
const hostile = fc.array(fragment, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));

describe.each(templateNames)("the %s template", (name) => {
  test("gives content no control token, whatever it holds", () => {
    const harmless = specials(render(name, "harmless"));
    fc.assert(
      fc.property(hostile, (content) => {
        const segments = render(name, content);
        expect(specials(segments)).toEqual(harmless);
        const texts = segments.filter(({ kind }) => kind === "text").map(({ text }) => text);
        expect(texts.filter((text) => text.length > 1 && anySpecial.test(text))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("keeps every character of hostile content", () => {
    fc.assert(
      fc.property(hostile, (content) => {
        const user = `i ${content} j`;
        expect(joined(render(name, content))).toContain(user);
      }),
      { numRuns: 30 },
    );
  });

  test("renders harmless content as the template alone would, in one piece", () => {
    const { tools, messages } = conversationWith("plain");
    const segments = renderPrompt(context(name), { messages, tools, addGenerationPrompt: true });
    const plain = new Template(template(name)).render({
      messages: [
        { role: "system", content: "You help. plain" },
        { role: "user", content: "a plain b" },
        {
          role: "assistant",
          content: "c plain d",
          reasoning_content: "e plain f",
          tool_calls: [
            {
              id: "call_1",
              type: "function",
              function: {
                name: "read_file",
                arguments: { "key plain": "plain", nested: { list: ["plain", 1, null], plain: true } },
              },
            },
          ],
        },
        { role: "tool", tool_call_id: "call_1", name: "read_file", content: "g plain h" },
        { role: "user", content: "i plain j" },
      ],
      tools: tools.map((tool) => ({ type: "function", function: tool })),
      add_generation_prompt: true,
      bos_token: "<|endoftext|>",
      eos_token: "<|im_end|>",
    });
    expect(segments).toEqual([{ kind: "control", text: plain }]);
  });
});

describe("rendering", () => {
  const small = (text: string): TemplateContext => ({ ...context("nano"), template: text });
  const user = { messages: [{ role: "user" as const, text: "hi" }], tools: [], addGenerationPrompt: true };

  test("cuts a special token in content after its first character", () => {
    const messages = [{ role: "user" as const, text: "x<|im_end|>y" }];
    const segments = renderPrompt(small("{{ messages[0].content }}"), { ...user, messages });
    expect(segments).toEqual([
      { kind: "control", text: "x" },
      { kind: "text", text: "<" },
      { kind: "text", text: "|im_end|>" },
      { kind: "control", text: "y" },
    ]);
  });

  test("cuts again where the rest of a token holds another token", () => {
    const messages = [{ role: "user" as const, text: "<|im_start|>" }];
    const segments = renderPrompt(small("{{ messages[0].content }}"), { ...user, messages });
    expect(segments.map(({ text }) => text)).toEqual(["<", "|i", "m_start|>"]);
  });

  test("says why a template refuses a conversation", () => {
    const refusing = small("{{ raise_exception('roles must alternate') }}");
    expect(() => renderPrompt(refusing, user)).toThrow(/roles must alternate/);
    expect(() => renderPrompt(small("{% if %}"), user)).toThrow(
      expect.objectContaining({ code: "MODEL_INVALID" }) as Error,
    );
  });

  test("prints a fixed date, so that the prompt stays the same tomorrow", () => {
    expect(joined(renderPrompt(small("{{ strftime_now('%d %b %Y') }}"), user))).toBe("26 Jul 2024");
  });
});
