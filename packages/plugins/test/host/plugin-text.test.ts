import { LineSplitter } from "@trust-cli/core/workspace";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { plainWords, readPluginMessage } from "../../src/host/plugin-text.ts";

const anyJson = fc.json({ maxDepth: 8 });

/** Every key in the value, at any depth. */
function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

describe("reading what a plugin sent", () => {
  test("never throws and never lets a prototype key through, whatever the text is", () => {
    const evil = fc.oneof(
      fc.string(),
      anyJson,
      anyJson.map((value) => `{"type":"answer","call":1,"ok":true,"value":${value}}`),
      anyJson.map((value) => `{"type":"answer","call":1,"ok":true,"value":{"a":[{"__proto__":${value}}]}}`),
      anyJson.map((value) => `{"__proto__":${value},"type":"log","call":1,"text":"\\u005f_proto__"}`),
      anyJson.map(
        (value) => `{"type":"ask","call":1,"ask":1,"method":"fs.read","args":[{"\\u005f_proto__":${value}}]}`,
      ),
      fc
        .integer({ min: 1, max: 5000 })
        .map((depth) => `{"type":"answer","call":1,"ok":true,"value":${"[".repeat(depth)}${"]".repeat(depth)}}`),
    );
    fc.assert(
      fc.property(evil, (text) => {
        const read = readPluginMessage(text);
        if (read.ok) expect(keysOf(read.value)).not.toContain("__proto__");
        else expect(read.error.code).toBe("PLUGIN_FAILED");
      }),
      { numRuns: 2000 },
    );
  });

  test("keeps every honest answer as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.integer(), (value, call) => {
        fc.pre(!keysOf(value).includes("__proto__"));
        const message = { type: "answer", call, ok: true, value };
        const text = JSON.stringify(message);
        const read = readPluginMessage(text);
        expect(read.ok && read.value).toEqual(JSON.parse(text));
      }),
    );
  });

  test("finds the same lines wherever the stream is split", () => {
    fc.assert(
      fc.property(fc.array(anyJson, { maxLength: 6 }), fc.infiniteStream(fc.nat({ max: 40 })), (values, sizes) => {
        const lines = values.map((value) => JSON.stringify({ type: "log", call: 1, text: value }));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const found: string[] = [];
        const splitter = new LineSplitter(10, 1e6, (line) => found.push(line.toString("utf8")));
        for (let start = 0; start < bytes.length;) {
          const end = start + 1 + (sizes.next().value ?? 0);
          splitter.push(bytes.subarray(start, end));
          start = end;
        }
        expect(found).toEqual(lines);
        expect(found.every((line) => readPluginMessage(line).ok)).toBe(true);
      }),
    );
  });

  test.each([
    ["more than 1 MiB", `"${"x".repeat(2 ** 20)}"`],
    ["65 levels", `{"type":"answer","call":1,"ok":true,"value":${"[".repeat(65)}${"]".repeat(65)}}`],
    ["a field too many", `{"type":"log","call":1,"text":"a","more":1}`],
    ["a type of its own", `{"type":"grant","call":1}`],
    ["a call that is no number", `{"type":"log","call":"1","text":"a"}`],
    ["no JSON", "{"],
  ])("refuses %s", (_, text) => {
    expect(readPluginMessage(text).ok).toBe(false);
  });
});

describe("words of a plugin", () => {
  test.each([
    ["cannot open /home/ann/work/plan.txt", "cannot open plan.txt"],
    ["cannot open C:\\Users\\ann\\plan.txt", "cannot open plan.txt"],
    ["see file:///opt/trust/host.js:3:1", "see host.js:3:1"],
    ["Error: a\n    at run (/opt/x.js:1:2)\n    at next", "Error: a"],
    ["src/app.ts has and/or 1/2", "src/app.ts has and/or 1/2"],
  ])("%j become %j", (text, words) => {
    expect(plainWords(text)).toBe(words);
  });

  test("are short, and quickly made, for any text", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 3000, unit: fc.constantFrom("/", "a", "\\", " ", "\n", "at ", ":") }),
        (text) => {
          expect(plainWords(text).length).toBeLessThanOrEqual(502);
        },
      ),
    );
  });
});
