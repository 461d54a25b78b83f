import { readdirSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { PromptSegment } from "../../src/dialects/types.ts";
import { conversationWith } from "./conversation.ts";
import { renderedPrompt } from "./formats.ts";

const folder = new URL("corpus/templates/", import.meta.url);

/** Whatever in a template looks like a marker may be a control token of its model. */
const marker = /<[|｜][^<>|｜]{1,40}[|｜]>|<[|]?[\w:/]{2,30}[|]?>|\[\/?[A-Z_]{2,20}\]/gu;

function render(template: string, specialTokens: readonly string[], content: string): PromptSegment[] | undefined {
  const context = { template, specialTokens, bosToken: "<bos>", eosToken: "<eos>" };
  try {
    return renderedPrompt(context, { ...conversationWith(content), addGenerationPrompt: true });
  } catch {
    return undefined;
  }
}

describe.each(readdirSync(folder))("behind the template %s", (name) => {
  const template = readFileSync(new URL(name, folder), "utf8");
  const specialTokens = [...new Set(template.match(marker) ?? ["<bos>"])];
  const special = new RegExp(specialTokens.map((text) => RegExp.escape(text)).join("|"), "gu");
  const controls = (segments: readonly PromptSegment[]): string[] =>
    segments.flatMap(({ kind, text }) => (kind === "control" ? (text.match(special) ?? []) : []));
  const harmless = render(template, specialTokens, "harmless");

  test.skipIf(harmless === undefined)("content gives no control token, whatever it holds", () => {
    const hostile = fc
      .array(fc.constantFrom(...specialTokens, "\u{F0000}", "user\n", "{{ 1 }}", " "), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(hostile, (content) => {
        const segments = render(template, specialTokens, content) ?? [];
        expect(controls(segments)).toEqual(controls(harmless ?? []));
        expect(segments.map(({ text }) => text).join("")).toContain(`i ${content} j`);
      }),
      { numRuns: 25 },
    );
  });
});
