import { expect, test } from "vitest";

import type { PromptSegment } from "../../../src/dialects/index.ts";
import { divideAfter } from "../../../src/models/llama/stable-prefix.ts";

const control = (text: string): PromptSegment => ({ kind: "control", text });
const text = (part: string): PromptSegment => ({ kind: "text", text: part });
const tokens = ["<|im_start|>", "<|im_end|>", "\n\n"];

test("a prompt is divided where the system text ends and the next turn begins", () => {
  const front = [control("<|im_start|>system\nBe brief.<|im_end|>\n")];
  const prompt = [control("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n")];
  expect(divideAfter(front, prompt, tokens)).toEqual({
    prompt: [control("<|im_start|>system\nBe brief.<|im_end|>\n"), control("<|im_start|>user\nHi<|im_end|>\n")],
    stable: 1,
  });
});

test("also behind text that is kept apart", () => {
  const front = [control("<|im_start|>system\n"), text("<b>"), control("<|im_end|>\n")];
  const prompt = [control("<|im_start|>system\n"), text("<b>"), control("<|im_end|>\n<|im_start|>user\nHi")];
  expect(divideAfter(front, prompt, tokens)).toEqual({
    prompt: [...prompt.slice(0, 2), control("<|im_end|>\n"), control("<|im_start|>user\nHi")],
    stable: 3,
  });
});

test("never inside text that a tokenizer may join: it ends where a token begins", () => {
  const front = [control("<|im_start|>system\nBe brief")];
  const prompt = [control("<|im_start|>system\nBe brief and kind.\n\n<|im_end|>")];
  expect(divideAfter(front, prompt, tokens)).toEqual({ prompt, stable: 0 });
});

test("a template that cannot render the system text alone divides nothing", () => {
  const prompt = [control("<|im_start|>user\nHi<|im_end|>")];
  expect(divideAfter([], prompt, tokens)).toEqual({ prompt, stable: 0 });
});
