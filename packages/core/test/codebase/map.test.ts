import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { createTagReader } from "../../src/syntax/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";
import { indexOf, type TestIndex } from "./index-of.ts";
import { questions } from "./map-questions.ts";

const sources = join(import.meta.dirname, "../../src");
const reader = createTagReader();
let opened: TestIndex;

beforeAll(async () => {
  opened = await indexOf(sources, reader);
  await opened.index.sync();
});

afterAll(async () => {
  opened[Symbol.dispose]();
  await reader[Symbol.asyncDispose]();
});

test("a map of 1,000 tokens holds the file that a question is about, for most questions", async () => {
  const missing: string[] = [];
  for (const [query, file] of questions) {
    const { files, tokens } = await opened.index.map({ query, budget: 1000 });
    expect(tokens).toBeLessThanOrEqual(1000);
    if (!files.some(({ path }) => path.startsWith(file))) missing.push(`${query} → ${file}`);
  }
  expect(missing.length / questions.length, missing.join("\n")).toBeLessThanOrEqual(0.15);
});

test("shows what a file defines, under its path", async () => {
  const { text, files } = await opened.index.map({ query: "acquireLock", budget: 400 });
  expect(text).toContain("\n  export function acquireLock(file: string): Disposable | undefined\n");
  expect(files.find(({ path }) => path === "storage/lock.ts")?.definitions).toContainEqual(
    expect.objectContaining({ name: "acquireLock", kind: "function" }),
  );
});

test("files in play and what they use come first", async () => {
  const { files } = await opened.index.map({ files: ["storage/capability-store.ts"], budget: 1500 });
  const firsts = files.slice(0, 8).map(({ path }) => path);
  expect(firsts[0]).toBe("storage/capability-store.ts");
  expect(firsts).toContain("storage/database.ts");
});

test("fits any budget, by whoever counts, and is the same each time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 3000 }),
      fc.constantFrom("", "lock", "how are files read"),
      async (budget, query) => {
        const countTokens = (text: string): number => text.split(/\b/).length;
        const options = { budget, query, ...(budget % 2 === 0 ? { countTokens } : {}) };
        const map = await opened.index.map(options);
        if (map.text !== "") expect(map.tokens).toBeLessThanOrEqual(budget);
        expect(await opened.index.map(options)).toEqual(map);
      },
    ),
    { numRuns: 25 },
  );
});

test("a map is the same after the index was opened again, and after it was built anew", async () => {
  const options = { query: "how is a tool call checked", budget: 800 };
  const { text } = await opened.index.map(options);
  using again = await indexOf(sources, reader);
  await again.index.sync();
  expect((await again.index.map(options)).text).toBe(text);
});

test("a map can be drawn while nothing is indexed, and of a workspace without code", async () => {
  await using workspace = await temporaryWorkspace();
  using empty = await indexOf(workspace.path, reader);
  expect(await empty.index.map({ budget: 100, query: "what is here" })).toEqual({
    text: "",
    tokens: 0,
    files: [],
    known: 0,
  });
  await empty.index.sync();
  expect(await empty.index.map({ budget: 100 })).toMatchObject({ text: "" });
});

test("definitions and references of real code are found where they are", () => {
  const text = readFileSync(join(sources, "storage/lock.ts"), "utf8").split("\n");
  const [lock] = opened.index.symbols("acquireLock", { kind: "function" });
  expect(text[(lock?.line ?? 0) - 1]).toContain("export function acquireLock(");
  const [first] = opened.index.references("acquireLock");
  expect(first?.by).toBe("import");
});
