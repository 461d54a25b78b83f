import { describe, expect, test } from "vitest";

import type { FileTags } from "../../src/protocol/index.ts";
import { grammarOf } from "../../src/syntax/grammar.ts";
import { languageOf } from "../../src/syntax/index.ts";
import { readFileTags } from "../../src/syntax/read-file-tags.ts";
import { fixtures } from "./fixtures.ts";

async function read(path: string, text: string): Promise<FileTags> {
  const language = languageOf(path) ?? "";
  return readFileTags(language, text, await grammarOf(language));
}

const signatures = async (path: string, text: string): Promise<string[]> =>
  (await read(path, text)).definitions.map(({ signature }) => signature);

describe.each(fixtures)("of $path", ({ path, text, definitions, imports, uses, hides }) => {
  test("definitions are found with their lines, kinds and containers", async () => {
    const tags = await read(path, text);
    const found = tags.definitions.map(({ line, endLine, kind, container, name, exported }) => {
      const whole = container === undefined ? name : `${container}.${name}`;
      return `${line}-${endLine} ${kind} ${whole}${exported ? " +" : ""}`;
    });
    expect(found).toEqual(definitions);
    expect(tags.errors).toEqual([]);
  });

  test("imports are found with their names", async () => {
    const tags = await read(path, text);
    expect(tags.imports.map(({ from, names }) => `${from}: ${names.join(" ")}`)).toEqual(imports);
  });

  test("uses are found, locals are not", async () => {
    const tags = await read(path, text);
    const names = tags.references.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(uses));
    expect(names.filter((name) => hides.includes(name))).toEqual([]);
  });
});

test("a signature is the text up to the body in one line", async () => {
  const text = "export const add = (\n  left: number,\n  right: number,\n): number => {\n  return left + right;\n};\n";
  expect(await signatures("a.ts", text)).toEqual(["export const add = ( left: number, right: number, ): number"]);
  expect(await signatures("a.py", "@cached\nclass A(B):\n    x = 1\n")).toEqual(["class A(B)", "x = 1"]);
});

test("a signature has at most 200 characters", async () => {
  const [signature = ""] = await signatures("a.ts", `export type Long = "${"x".repeat(500)}";\n`);
  expect(signature).toHaveLength(200);
});

test("uses name each line once", async () => {
  const { references } = await read("a.ts", "run(run());\n\nrun();\n");
  expect(references).toEqual([{ name: "run", lines: [1, 3] }]);
});

describe("errors", () => {
  test.each([
    ["a.ts", "function a() {\n  if (x) {\n}\n", { line: 3, column: 2, message: 'missing "}"' }],
    ["a.ts", "const a = 1;\n}\n", { line: 2, column: 1, message: 'unexpected "}"' }],
    ["a.ts", "let x = foo bar;\n", { line: 1, column: 13, message: 'unexpected "bar"' }],
    ["a.py", "x = (1\ny = 2\n", { line: 1, column: 5, message: '"(" is never closed' }],
    ["a.go", "package a\n\nfunc f() {\n", { line: 3, column: 10, message: '"{" is never closed' }],
    ["a.java", "class A { int x = 1 }\n", { line: 1, column: 20, message: 'missing ";"' }],
  ])("of %s: %j", async (path, text, error) => {
    expect((await read(path, text)).errors).toContainEqual(error);
  });

  test("are 20 at most", async () => {
    expect((await read("a.java", "class A { int x = 1 }\n".repeat(50))).errors).toHaveLength(20);
  });
});

test("the other definitions of a file with an error are still found", async () => {
  const { definitions } = await read("a.ts", "function a() {}\nlet = = 3;\nfunction b() {}\n");
  expect(definitions.map(({ name }) => name)).toEqual(expect.arrayContaining(["a", "b"]));
});
