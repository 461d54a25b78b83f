import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { schemaGrammar } from "../../../src/dialects/index.ts";
import { parseUnknownJson } from "../../../src/protocol/json.ts";
import { engine } from "./support/llama-engine.ts";

interface GrammarCase {
  kind: "schema" | "gbnf";
  desc: string;
  src: string;
  pass: string[];
  fail: string[];
}

const lines = readFileSync(new URL("fixtures/grammar-cases.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n");
const cases = lines.map((line) => parseUnknownJson(line, "grammar case") as GrammarCase);

test.each(cases)("$kind: $desc", ({ kind, src, pass, fail }) => {
  const admits = engine(kind === "gbnf" ? src : schemaGrammar(parseUnknownJson(src, "schema")));
  expect(pass.filter((text) => !admits(text))).toEqual([]);
  expect(fail.filter((text) => admits(text))).toEqual([]);
});
