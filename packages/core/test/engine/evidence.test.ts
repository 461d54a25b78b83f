import { describe, expect, test } from "vitest";

import { evidenceFor } from "../../src/engine/evidence.ts";
import type { ToolMessage } from "../../src/protocol/index.ts";

const result = (text: string, name = "read_file"): ToolMessage => ({
  role: "tool",
  callId: "call_1",
  name,
  status: "ok",
  text,
  summary: "",
});

describe("evidence beside an answer", () => {
  test("shows the lines that share words with the question, with their numbers", () => {
    const text = '{\n  "name": "shop",\n  "version": "2.4.1"\n}';
    const { lines } = evidenceFor("What is the version in package.json?", result(text), "package.json");
    expect(lines).toEqual([{ number: 3, text: '  "version": "2.4.1"' }]);
  });

  test("finds words inside camel case names", () => {
    const { lines } = evidenceFor("where is the max retries set", result("a = 1\nconst maxRetries = 3;"), "a.ts");
    expect(lines).toEqual([{ number: 2, text: "const maxRetries = 3;" }]);
  });

  test("keeps the numbers that a cut result carries", () => {
    const { lines } = evidenceFor("port", result("  41\thost: a\n  42\tport: 80"), "config.yaml");
    expect(lines).toEqual([{ number: 42, text: "port: 80" }]);
  });

  test("shows the first lines when none matches", () => {
    const { lines } = evidenceFor("colour?", result("one\n\ntwo\nthree"), "list.txt");
    expect(lines.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });

  test("leaves out numbers for hits, which name their own place", () => {
    const { lines } = evidenceFor("parser", result("src/a.ts:3: parser()", "search_text"), "search_text");
    expect(lines).toEqual([{ number: undefined, text: "src/a.ts:3: parser()" }]);
  });
});
