import { afterAll, expect, test } from "vitest";

import type { PromptSegment } from "../../../src/dialects/index.ts";
import { StablePrefix } from "../../../src/models/llama/stable-prefix.ts";
import { type ChatTemplate, openChatTemplate, TemplateEngine } from "../../../src/models/templates/index.ts";
import type { ModelRequest } from "../../../src/ports/model.ts";
import { never, templateWorker } from "./llama-bench.ts";

const engine = new TemplateEngine({ entry: templateWorker, seconds: 5 });
afterAll(() => engine[Symbol.asyncDispose]());

const turns =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

const open = (template: string): Promise<ChatTemplate> =>
  openChatTemplate(
    { template, specialTokens: ["<|im_start|>", "<|im_end|>"], bosToken: "", eosToken: "<|im_end|>" },
    { engine },
    never(),
  );

type Prompt = Pick<ModelRequest, "messages" | "tools">;
const asking = (text: string, system?: string): Prompt => ({
  messages: [...(system === undefined ? [] : [{ role: "system" as const, text: system }]), { role: "user", text }],
  tools: [],
});

const textOf = (segments: readonly PromptSegment[]): string => segments.map(({ text }) => text).join("");

async function sharedText(chat: ChatTemplate, prompt: Prompt): Promise<string> {
  const front = textOf(await new StablePrefix().front(chat, prompt, never()));
  const whole = textOf(await chat.render({ ...prompt, addGenerationPrompt: true }, never()));
  let length = 0;
  while (length < front.length && front[length] === whole[length]) length++;
  return whole.slice(0, length);
}

test("what conversations share reaches to the person's first words", async () => {
  expect(await sharedText(await open(turns), asking("Hi", "Be brief."))).toBe(
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n",
  );
});

test("also where the template puts the system text into the person's turn", async () => {
  const merged =
    "{% if messages[0].role == 'system' %}{% set first = messages[0].content + '\n\n' %}{% set rest = messages[1:] %}" +
    "{% else %}{% set first = '' %}{% set rest = messages %}{% endif %}" +
    "{% for m in rest %}<|im_start|>{{ m.role }}\n{{ (first if loop.first else '') + m.content }}<|im_end|>\n{% endfor %}";
  expect(await sharedText(await open(merged), asking("Hi", "Be brief."))).toBe("<|im_start|>user\nBe brief.\n\n");
});

test("without system text and tools, nothing is shared", async () => {
  expect(await new StablePrefix().front(await open(turns), asking("Hi"), never())).toEqual([]);
});

test("a template that refuses such a beginning shares nothing, and harms nothing", async () => {
  const strict =
    "{% if messages[-1].content == '…' %}{{ raise_exception('say something') }}{% endif %}" +
    "{% for m in messages %}{{ m.content }}{% endfor %}";
  expect(await new StablePrefix().front(await open(strict), asking("Hi", "Be brief."), never())).toEqual([]);
});
