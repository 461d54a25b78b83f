import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { tolerantJson, type TolerantOptions } from "../../../src/dialects/repair/index.ts";

const read = (text: string, options?: TolerantOptions) => {
  const result = tolerantJson(text, options);
  return result.ok ? { value: result.value.value, repairs: result.value.repairs.map(({ kind }) => kind) } : undefined;
};

describe("JSON with the mistakes of models", () => {
  test.each([
    ["single quotes", `{'path': 'it"s'}`, { path: 'it"s' }, ["single-quotes"]],
    ["trailing commas", `{"a": [1, 2,], }`, { a: [1, 2] }, ["trailing-comma"]],
    ["bare keys", `{path: "a", from-line: 2}`, { path: "a", "from-line": 2 }, ["unquoted-key"]],
    ["Python literals", `{"a": True, "b": None, "c": False}`, { a: true, b: null, c: false }, ["python-literal"]],
    ["raw line breaks and tabs", `{"a": "x\n\ty"}`, { a: "x\n\ty" }, ["raw-control"]],
    ["comments", `{"a": 1, // one\n /* two */ "b": 2 # three\n}`, { a: 1, b: 2 }, ["comment"]],
    ["a code fence", '```json\n{"a": 1}\n```', { a: 1 }, ["strip-code-fence", "strip-code-fence"]],
    [
      "a code fence on one line",
      '```{"a": 1,}```',
      { a: 1 },
      ["strip-code-fence", "strip-code-fence", "trailing-comma"],
    ],
    ["control tokens around it", '<|tool|>{"a": 1}</s><|im_end|>', { a: 1 }, Array(3).fill("strip-control-token")],
    ["a control word before it", '[TOOL_CALLS] [{"a": 1}]', [{ a: 1 }], ["strip-control-token"]],
    [
      "a pattern whose backslashes were not escaped",
      String.raw`{"p": "\d+\.ts"}`,
      { p: String.raw`\d+\.ts` },
      ["unknown-escape"],
    ],
    ["a bracket too many", `{"a": [1]}]}`, { a: [1] }, ["extra-bracket"]],
    ["a key that names the prototype", `{'__proto__': 1}`, JSON.parse('{"__proto__": 1}'), ["single-quotes"]],
  ])("is read in spite of %s, which is logged", (_, text, value, repairs) => {
    expect(read(text)).toEqual({ value, repairs });
  });

  test.each([
    ["a string that does not end", `{"path": "src/a`],
    ["a missing value", `{"path": }`],
    ["a value without quotes", `{"path": src}`],
    ["two values", `{"a": 1} {"a": 2}`],
    ["a number with an end of its own", `{"a": 12abc}`],
    ["nothing", ""],
    ["more brackets than any call has", "[".repeat(100_000)],
  ])("is refused for %s, also when it is known to be whole", (_, text) => {
    expect(read(text, { complete: true })).toBeUndefined();
  });

  test("gets the brackets missing at its end only when it is known to be whole", () => {
    const text = `{"a": {"b": [1, "x"]`;
    expect(read(text)).toBeUndefined();
    expect(read(text, { complete: true })).toEqual({ value: { a: { b: [1, "x"] } }, repairs: ["missing-bracket"] });
  });

  test.each([`{"a": 1,`, `{"a"`, `{"a":`, `[1, [2], "x`])("is not completed by more than brackets: %s", (text) => {
    expect(read(text, { complete: true })).toBeUndefined();
  });

  test("is left alone when it is valid", () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, complete) => {
        expect(read(text, { complete })).toEqual({ value: JSON.parse(text), repairs: [] });
      }),
    );
  });

  test("never gains a string that was not written, however it is broken", () => {
    const plainText = fc.string({ unit: fc.constantFrom(...Array.from("abcXYZ019 -_.,:{}[]'")) });
    const documents = fc
      .dictionary(plainText, fc.oneof(plainText, fc.integer(), fc.boolean(), fc.array(plainText)))
      .map((value) => JSON.stringify(value));
    const edits = fc.array(
      fc.record({
        at: fc.nat(200),
        drop: fc.nat(3),
        put: fc.constantFrom("", '"', "'", ",", "{", "}", "[", "\n", "#", "a"),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(documents, edits, fc.boolean(), (document, changes, complete) => {
        const broken = changes.reduce(
          (text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop),
          document,
        );
        for (const text of stringsOf(read(broken, { complete })?.value)) expect(broken).toContain(text);
      }),
      { numRuns: 2000 },
    );
  });

  test("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, complete) => void read(text, { complete })),
    );
  });
});

/** Values and keys. */
function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(stringsOf)];
}
