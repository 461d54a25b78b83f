import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { fuse, openVectorIndex, type Embedder } from "../../src/codebase/index.ts";
import { passagesOf } from "../../src/codebase/vectors/passages.ts";
import { type TemporaryWorkspace, temporaryWorkspace } from "../../src/testing/index.ts";
import { indexOf } from "./index-of.ts";

const { signal } = new AbortController();

/** Words that mean the same share a direction. */
const meanings = [
  ["car", "automobile", "vehicle"],
  ["fast", "quick"],
  ["red", "crimson"],
  ["tree", "oak"],
];
const asked: string[] = [];
const embedder: Embedder = {
  id: "meanings",
  embed: (texts) => {
    asked.push(...texts);
    return Promise.resolve(texts.map((text) => unit(meanings.map((words) => count(text, words) + 0.01))));
  },
};
const count = (text: string, words: readonly string[]): number => words.filter((word) => text.includes(word)).length;
const unit = (vector: readonly number[]): number[] => vector.map((value) => value / Math.hypot(...vector));

let workspace: TemporaryWorkspace;
beforeEach(async () => {
  asked.length = 0;
  workspace = await temporaryWorkspace({
    "a.x": "function drive\n  an automobile\n",
    "b.x": "function grow\n  an oak\n",
    "c.x": "function paint\n  crimson\n",
  });
  onTestFinished(() => workspace[Symbol.asyncDispose]());
});

async function built(own: Embedder = embedder, file = join(workspace.path, "..", `${process.pid}-${asked.length}.db`)) {
  const code = await indexOf(workspace.path);
  await code.index.sync();
  const vectors = openVectorIndex({ root: workspace.path, file: `${code.file}.vectors`, embedder: own });
  onTestFinished(() => {
    vectors[Symbol.dispose]();
    code[Symbol.dispose]();
  });
  const build = () => vectors.build(code.index, { signal });
  return { vectors, build, code, file };
}

describe("search by meaning", () => {
  test("finds what no word of the question is in", async () => {
    const { vectors, build } = await built();
    expect(await vectors.search("car", 5, signal)).toEqual([]);
    expect(await build()).toEqual({ embedded: 3, removed: 0 });
    const hits = await vectors.search("where is the car", 1, signal);
    expect(hits).toMatchObject([{ path: "a.x", lines: [{ line: 1, text: "function drive" }] }]);
  });

  test("reads only what changed, and forgets what went", async () => {
    const { vectors, build } = await built();
    await build();
    asked.length = 0;
    expect(await build()).toEqual({ embedded: 0, removed: 0 });
    await workspace.write("b.x", "function grow\n  a vehicle\n");
    rmSync(join(workspace.path, "c.x"));
    expect(await build()).toEqual({ embedded: 1, removed: 1 });
    expect(asked.filter((text) => text.includes("\n"))).toEqual(["b.x\nfunction grow\n  a vehicle\n"]);
    const found = await vectors.search("car", 5, signal);
    expect(found.map(({ path }) => path).toSorted()).toEqual(["a.x", "b.x"]);
  });

  test("goes on where it was interrupted", async () => {
    const stop = new AbortController();
    const own = {
      ...embedder,
      embed: (...how: Parameters<Embedder["embed"]>) => (
        asked.length === 2 ? stop.abort() : undefined,
        embedder.embed(...how)
      ),
    };
    const { vectors, code } = await built(own);
    await expect(vectors.build(code.index, { signal: stop.signal })).rejects.toThrow(/abort/i);
    expect((await vectors.build(code.index, { signal })).embedded).toBeLessThan(3);
    expect(await vectors.search("car", 3, signal)).toHaveLength(3);
  });

  test("begins anew with another model, and when its file is damaged", async () => {
    const { code, build } = await built();
    await build();
    const file = `${code.file}.vectors`;
    using other = openVectorIndex({ root: workspace.path, file, embedder: { ...embedder, id: "other" } });
    await expect(other.search("car", 3, signal)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    expect((await other.build(code.index, { signal })).embedded).toBe(3);
    other[Symbol.dispose]();
    writeFileSync(`${code.file}.broken`, "no database".repeat(1000));
    using again = openVectorIndex({ root: workspace.path, file: `${code.file}.broken`, embedder });
    expect((await again.build(code.index, { signal })).embedded).toBe(3);
  });
});

test("passages hold every line that is not blank, once, however a file is cut", () => {
  const line = fc.constantFrom("", "  ", "let a = 1;", "x".repeat(900), "function f() {");
  fc.assert(
    fc.property(fc.array(line, { maxLength: 150 }), fc.array(fc.nat(150)), (lines, starts) => {
      const passages = passagesOf("a.ts", lines.join("\n"), starts);
      const covered = passages.flatMap((one) =>
        Array.from({ length: one.endLine - one.line + 1 }, (_, at) => one.line + at),
      );
      expect(new Set(covered).size).toBe(covered.length);
      const missing = lines.flatMap((text, index) =>
        text.trim() === "" || covered.includes(index + 1) ? [] : [index],
      );
      expect(missing).toEqual([]);
      for (const { endLine, line: first, text } of passages) {
        expect(endLine - first).toBeLessThan(60);
        expect(text.length).toBeLessThanOrEqual(1505);
      }
    }),
  );
});

test("two lists become one by their ranks, and lines of both are shown", () => {
  const hit = (path: string, ...lines: number[]) => ({
    path,
    score: 9,
    isTest: false,
    lines: lines.map((line) => ({ line, text: `${line}` })),
  });
  const fused = fuse([hit("a", 3), hit("b", 1)], [hit("b", 1, 7), hit("c", 2)], 3);
  expect(fused.map(({ path, lines }) => [path, lines.map(({ line }) => line)])).toEqual([
    ["b", [1, 7]],
    ["a", [3]],
    ["c", [2]],
  ]);
  expect(fuse([hit("a")], [hit("b")], 1)).toHaveLength(1);
});
