import { spawnSync } from "node:child_process";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { FileTags } from "../../src/protocol/index.ts";
import { createTagReader } from "../../src/syntax/index.ts";
import { fixtures } from "./fixtures.ts";
import { mutated } from "./mutations.ts";

const namesOf = (tags: FileTags | undefined): string[] => tags?.definitions.map(({ name }) => name) ?? [];
/** A text that takes the parser very long. */
const endless = "((a)=>".repeat(100_000);

test("reads files of several languages side by side", async () => {
  await using reader = createTagReader();
  const all = await Promise.all(fixtures.map(({ path, text }) => reader.read(path, text)));
  expect(all.map((tags) => tags?.isPartial)).toEqual(fixtures.map(() => false));
  expect(all.map((tags) => tags?.definitions.length)).toEqual(fixtures.map(({ definitions }) => definitions.length));
});

test("gives nothing for a file without a grammar", async () => {
  await using reader = createTagReader();
  expect(await reader.read("README.md", "# title")).toBeUndefined();
});

test("reads a header as C++ where it holds what only C++ has", async () => {
  await using reader = createTagReader({ threads: 1 });
  expect((await reader.read("a.h", "class A {};\n"))?.language).toBe("cpp");
  expect((await reader.read("a.h", "struct a { int class; };\n"))?.language).toBe("c");
});

test("a file that takes too long gives partial tags, and those that wait behind it are read", async () => {
  await using reader = createTagReader({ threads: 1, milliseconds: 100 });
  await reader.read("warm.ts", "");
  const slow = reader.read("slow.ts", endless);
  const others = ["a", "b", "c", "d", "e", "f"].map((name) => reader.read(`${name}.ts`, `function ${name}() {}`));
  expect(await slow).toMatchObject({ language: "typescript", isPartial: true, definitions: [] });
  expect((await Promise.all(others)).flatMap(namesOf)).toEqual(["a", "b", "c", "d", "e", "f"]);
});

describe("hostile text", () => {
  test.each([
    ["more than a megabyte", "a.ts", "let x;".repeat(300_000), true],
    ["a hundred thousand open brackets", "a.ts", "(".repeat(100_000), false],
    ["brackets closed again", "a.py", "[".repeat(50_000) + "]".repeat(50_000), false],
    ["NULs", "a.ts", "function a() {}\n\0\0\nfunction b() {}\n", false],
    ["lone surrogates", "a.rb", "def a\uD800; end\n# \uDFFF\n", false],
    ["nothing", "a.go", "", false],
    ["blanks", "a.php", "\n\n  ", false],
    ["what is binary", "a.c", "\u0001\u0002\uFFFF\u007F".repeat(1000), false],
  ])("of %s is read or given up", async (_what, path, text, isPartial) => {
    await using reader = createTagReader({ threads: 1, milliseconds: 20_000 });
    expect(await reader.read(path, text)).toMatchObject({ isPartial });
  });

  test("never makes it fail or hang, and all lines are those of the file", async () => {
    await using reader = createTagReader();
    for (const { path, text } of fixtures) {
      const property = fc.asyncProperty(mutated(text), async (source) => {
        const tags = await reader.read(path, source);
        const lines = source.split("\n").length;
        const found = [
          ...(tags?.definitions.flatMap(({ line, endLine }) => [line, endLine, endLine - line + 1]) ?? []),
          ...(tags?.references.flatMap((reference) => reference.lines) ?? []),
          ...[...(tags?.imports ?? []), ...(tags?.errors ?? [])].map(({ line }) => line),
        ];
        expect(found.filter((line) => line < 1 || line > lines)).toEqual([]);
        expect(tags?.definitions.filter(({ name, signature }) => name === "" || signature.length > 200)).toEqual([]);
      });
      await fc.assert(property, { numRuns: 30 });
    }
  });
});

describe("reading that is aborted", () => {
  test("rejects with the reason, and the reader goes on", async () => {
    await using reader = createTagReader({ threads: 1, milliseconds: 300 });
    const controller = new AbortController();
    const slow = Array.from({ length: 6 }, () => reader.read("slow.ts", endless, controller.signal));
    const settled = Promise.allSettled(slow);
    controller.abort(new Error("no longer needed"));
    expect((await settled).map((one) => (one.status === "rejected" ? String(one.reason) : ""))).toEqual(
      Array.from({ length: 6 }, () => "Error: no longer needed"),
    );
    await expect(reader.read("a.ts", "", controller.signal)).rejects.toThrow("no longer needed");
  });

  test("rejects when the reader is disposed", async () => {
    const reader = createTagReader({ threads: 1 });
    const slow = expect(reader.read("slow.ts", endless)).rejects.toMatchObject({ code: "INTERRUPTED" });
    await reader[Symbol.asyncDispose]();
    await slow;
    await expect(reader.read("a.ts", "let a;")).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

test("an idle reader keeps no process alive", () => {
  const source = join(import.meta.dirname, "../../src/syntax/index.ts");
  const script = `
    const { createTagReader } = await import(${JSON.stringify(source)});
    const tags = await createTagReader().read("a.py", "def run(): pass");
    console.log(tags.definitions[0].signature);`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect([stdout.trim(), status]).toEqual(["def run()", 0]);
});
