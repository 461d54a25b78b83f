import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { StopFilter } from "../../../src/models/llama/host/stop-filter.ts";
import { TokenDecoder } from "../../../src/models/llama/host/token-decoder.ts";
import { randomGguf, scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { type ChatBench, chatBench } from "./chat-bench.ts";

let folder: TemporaryWorkspace;
let chat: ChatBench;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  await randomGguf(join(folder.path, "random.gguf"), { seed: 1, chunks: ["日本", "é", "🎉 "] });
  chat = await chatBench(join(folder.path, "random.gguf"));
});
afterAll(async () => {
  await chat[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The chunks in which tokens are shown. */
function decoded(tokens: readonly number[]): string[] {
  const decoder = new TokenDecoder(chat.model.vocabulary);
  return [...tokens.map((token) => decoder.push(token)), decoder.flush()];
}

/** The first tokens of the vocabulary are the bytes, in an order of their own. */
let byteTokens: Map<number, number>;
beforeAll(() => {
  const texts = new Map<string, number>();
  for (let token = 0; token < 256; token++) texts.set(chat.model.vocabulary.text(token), token);
  byteTokens = new Map(Array.from({ length: 256 }, (_, byte) => [byte, texts.get(printable(byte)) ?? -1]));
});

/** How GPT-2's vocabulary writes a byte. */
function printable(byte: number): string {
  const isKept = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  if (isKept) return String.fromCodePoint(byte);
  const others = Array.from({ length: 256 }, (_, one) => one).filter(
    (one) => !((one >= 0x21 && one <= 0x7e) || (one >= 0xa1 && one <= 0xac) || one >= 0xae),
  );
  return String.fromCodePoint(256 + others.indexOf(byte));
}

const bytesOf = (text: string): number[] => [...Buffer.from(text)].map((byte) => byteTokens.get(byte) ?? -1);

const letters = fc.constantFrom("a", "é", "日", "👩‍💻", "🎉", "\n", " ", "\u{10FFFF}", "\uFFFD");
const words = fc.array(letters, { maxLength: 12 }).map((all) => all.join(""));

describe("tokens of a byte each", () => {
  test("give the text, and no chunk breaks a character", () => {
    fc.assert(
      fc.property(words, (text) => {
        const chunks = decoded(bytesOf(text));
        expect(chunks.join("")).toBe(text.replaceAll(/\uFFFD+/g, "\uFFFD"));
        expect(chunks.every((chunk) => chunk.isWellFormed())).toBe(true);
      }),
    );
  });

  test("that are no character harm no character behind them", () => {
    const broken = fc.array(fc.constantFrom(0x80, 0xbf, 0xff, 0xc0), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(words, broken, words, (before, bytes, behind) => {
        const tokens = [...bytesOf(before), ...bytes.map((byte) => byteTokens.get(byte) ?? -1), ...bytesOf(behind)];
        const text = decoded(tokens).join("");
        const clean = (some: string): string => some.replaceAll("\uFFFD", "");
        expect(clean(text)).toBe(clean(before) + clean(behind));
      }),
    );
  });

  test("are shown as soon as they are whole", () => {
    expect(decoded(bytesOf("aé🎉"))).toEqual(["a", "", "é", "", "", "", "🎉", ""]);
  });
});

test("tokens that hold more than a character, and parts of one, give the same text as all at once", () => {
  const size = 380;
  fc.assert(
    fc.property(fc.array(fc.nat(size - 1), { maxLength: 30 }), (tokens) => {
      const whole = chat.model.vocabulary.detokenize(tokens);
      const collapse = (text: string): string => text.replaceAll(/\uFFFD+/g, "\uFFFD");
      const chunks = decoded(tokens);
      expect(collapse(chunks.join(""))).toBe(collapse(whole));
      expect(chunks.every((chunk) => chunk.isWellFormed())).toBe(true);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("a stop text is found wherever tokens cut it, and nothing of it is shown", () => {
  fc.assert(
    fc.property(words, words, fc.constantFrom("</s>", "日é", "🎉\n", "aa"), (before, behind, stop) => {
      const whole = before + stop + behind;
      const decoder = new TokenDecoder(chat.model.vocabulary);
      const filter = new StopFilter([stop]);
      let shown = "";
      for (const token of bytesOf(whole)) {
        shown += filter.push(decoder.push(token));
        if (filter.stopped) break;
      }
      const clean = whole.replaceAll(/\uFFFD+/g, "\uFFFD");
      expect(shown).toBe(clean.slice(0, clean.indexOf(stop)));
    }),
  );
});

test("a reply ends before its stop text, in whole characters, with and without guesses", async () => {
  const bytes = ["日", "本", "語", " é", "🎉", "</", "s", ">x", "日e", " rest"];
  const path = join(folder.path, "scripted.gguf");
  await scriptedGguf(path, { replies: { first: bytes }, loop: true });
  await using scripted = await chatBench(path);
  const prompt = `${bytes.join("")}<|im_start|>assistant\n`;
  const whole = bytes.join("").repeat(3);
  for (const stop of ["</s>", "語 é🎉<", "s>x日", "rest日", "rest日本語 é🎉</s>x日e rest日", "é"]) {
    for (const plain of [true, false]) {
      const { text, chunks, end } = await scripted.say(prompt, { stops: [stop, "never said"], plain });
      expect(text).toBe(whole.slice(0, whole.indexOf(stop)));
      expect(end.reason).toBe("stop");
      expect(chunks.every((chunk) => chunk.isWellFormed())).toBe(true);
    }
  }
});
