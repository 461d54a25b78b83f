import { expect, test } from "vitest";

import { type CardFacts, chooseCards } from "../../src/cards/index.ts";
import { languageCards } from "../../src/cards/language-cards.ts";
import type { Message, ToolCall } from "../../src/protocol/index.ts";

const facts: CardFacts = { text: "", attached: [], messages: [], mode: "ask", most: 2 };
const sources = (changed: Partial<CardFacts>): string[] =>
  chooseCards({ ...facts, ...changed }).map(({ source }) => source);

const call = (name: string, args: Record<string, unknown>): ToolCall => ({
  id: "1",
  name,
  args,
  raw: "",
  via: "native",
  repairs: [],
});
const turn = (name: string, path: string, status: "ok" | "failed"): Message[] => [
  { role: "user", text: "go" },
  { role: "assistant", text: "", calls: [call(name, { path })] },
  { role: "tool", callId: "1", name, status, text: "", summary: "" },
];

test("a language is in play when a file or its name is named, or the last turn was about such a file", () => {
  expect(sources({ text: "fix src/app.py, please" })).toEqual(["card: Python"]);
  expect(sources({ text: "write it in Rust" })).toEqual(["card: Rust"]);
  expect(sources({ text: "and now the test", messages: turn("read_file", "pkg/a.go", "ok") })).toEqual(["card: Go"]);
  expect(sources({ attached: [{ source: "lib/a.rb, lines 1 to 3", text: "" }] })).toEqual(["card: Ruby"]);
  expect(sources({ text: "what does this project do? go on, e.g. with the docs" })).toEqual([]);
});

test("a word is no other word's part", () => {
  expect(sources({ text: "javascript only" })).toEqual(["card: TypeScript and JavaScript"]);
});

test("never more cards than the profile takes, those of named files first", () => {
  expect(sources({ text: "java, like a.py and b.rs" })).toEqual(["card: Python", "card: Rust"]);
  expect(sources({ text: "a.py", most: 0 })).toEqual([]);
});

test("a card that went along a few questions ago is not said again", () => {
  const said: Message = { role: "user", text: "fix a.py", attached: [{ source: "card: Python", text: "" }] };
  const other: Message = { role: "user", text: "and?" };
  expect(sources({ text: "a.py again", messages: [said, other] })).toEqual([]);
  expect(sources({ text: "a.py again", messages: [said, other, other, other, other, other] })).toEqual([
    "card: Python",
  ]);
});

test("after an edit that did not fit, the model is told how to edit", () => {
  expect(sources({ messages: turn("edit_file", "notes", "failed") })).toEqual(["card: edits"]);
  expect(sources({ messages: turn("edit_file", "notes", "ok") })).toEqual([]);
});

test("plan mode is said each time, and its end once", () => {
  expect(sources({ mode: "plan", most: 0 })).toEqual(["plan mode"]);
  const planned: Message = { role: "user", text: "plan it", attached: [{ source: "plan mode", text: "" }] };
  expect(sources({ mode: "plan", messages: [planned] })).toEqual(["plan mode"]);
  expect(sources({ mode: "ask", messages: [planned] })).toEqual(["plan mode has ended"]);
  expect(sources({ mode: "ask", messages: [planned, { role: "user", text: "go" }] })).toEqual([]);
});

test("no card of a language is longer than 150 tokens", () => {
  // Code and names count about 3.5 characters a token.
  for (const { text, name } of languageCards) expect([name, text.length / 3.5 <= 150]).toEqual([name, true]);
});
