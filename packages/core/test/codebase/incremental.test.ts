import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import fc from "fast-check";
import { expect, test } from "vitest";

import type { CodeIndex } from "../../src/codebase/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";
import { indexOf } from "./index-of.ts";

const paths = ["a.x", "b.x", "sub/c.x", "sub/deep/d.x", "e.md", "test/f.x", "g\nh.x", ".gitignore"] as const;
const names = ["openFile", "closeFile", "read_line", "größe"] as const;

const line = fc.oneof(
  fc.constantFrom(...names).map((name) => `function ${name}`),
  fc.constantFrom(...names).map((name) => `  ${name}()`),
  fc.constantFrom("./a.x", "./b.x", "../b.x", "./sub/c.x").map((path) => `import ${path}`),
  fc.constantFrom("some words about files", "", "// @generated", "\u0000", "e.md", "sub/"),
);
const path = fc.constantFrom(...paths);
const change = fc.oneof(
  fc.record({
    type: fc.constant("write" as const),
    path,
    text: fc.array(line, { maxLength: 60 }).map((lines) => lines.join("\n")),
  }),
  fc.record({ type: fc.constant("remove" as const), path }),
  fc.record({ type: fc.constant("rename" as const), path, to: path }),
  fc.record({ type: fc.constant("sync" as const) }),
  fc.record({ type: fc.constant("touch" as const), path }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

async function apply(root: string, index: CodeIndex, change: Change): Promise<void> {
  if (change.type === "sync") return void (await index.sync());
  if (change.type === "touch") return void (await index.touch([change.path]));
  const at = join(root, change.path);
  if (change.type === "remove") return rmSync(at, { force: true });
  mkdirSync(dirname(at), { recursive: true });
  if (change.type === "write") return writeFileSync(at, change.text);
  mkdirSync(dirname(join(root, change.to)), { recursive: true });
  try {
    renameSync(at, join(root, change.to));
  } catch {
    // Nothing is there to be renamed.
  }
}

async function everything(index: CodeIndex): Promise<unknown> {
  const { size: _size, ...status } = index.status();
  return {
    status,
    searches: ["open file", "read_line", "words about", "größe test"].map((query) => index.search(query)),
    symbols: names.map((name) => index.symbols(name)),
    references: names.map((name) => index.references(name)),
    outlines: paths.map((file) => index.outline(file)),
    map: await index.map({ budget: 200 }),
    asked: await index.map({ budget: 150, query: "close file", files: ["sub/c.x"] }),
  };
}

test("after any changes an index that follows them equals one that is built anew", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 25 }), async (changes) => {
      await using workspace = await temporaryWorkspace();
      using following = await indexOf(workspace.path);
      for (const next of changes) await apply(workspace.path, following.index, next);
      await following.index.sync();
      using anew = await indexOf(workspace.path);
      await anew.index.sync();
      expect(await everything(following.index)).toEqual(await everything(anew.index));
    }),
    { numRuns: 30 },
  );
}, 120_000);
