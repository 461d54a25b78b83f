import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { instructionsText, readProjectInstructions } from "../../src/workspace/index.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const namesIn = async (folder: string): Promise<string[]> =>
  (await readProjectInstructions(folder)).map(({ name }) => name);

test("one file of each folder holds, from the repository's root down to where the work is", async () => {
  const root = temporaryFolder({
    ".git/HEAD": "",
    "AGENTS.md": "Use tabs.",
    "CLAUDE.md": "Never read beside AGENTS.md.",
    "packages/CLAUDE.md": "Use npm.",
    "packages/app/.cursorrules": "Be brief.",
    "packages/other/AGENTS.md": "Not here.",
  });
  expect(await namesIn(join(root, "packages", "app"))).toEqual([
    "AGENTS.md",
    "packages/CLAUDE.md",
    "packages/app/.cursorrules",
  ]);
  expect(await namesIn(root)).toEqual(["AGENTS.md"]);
});

test("outside of a repository only the folder itself counts", async () => {
  const root = temporaryFolder({ "AGENTS.md": "above", "work/AGENTS.md": "here" });
  expect(await namesIn(join(root, "work"))).toEqual(["AGENTS.md"]);
});

test("what is no text, no file or elsewhere is left out", async () => {
  const outside = temporaryFolder({ "secret.txt": "secret" });
  const root = temporaryFolder({
    ".git/HEAD": "",
    "AGENTS.md/x": "",
    "a/AGENTS.md": Buffer.from([0, 1, 2]),
    "a/b/x": "",
    "a/b/c/AGENTS.md": "\uFEFFlast",
  });
  symlinkSync(join(outside, "secret.txt"), join(root, "a/b/AGENTS.md"));
  const all = await readProjectInstructions(join(root, "a", "b", "c"));
  expect(all).toEqual([{ name: "a/b/c/AGENTS.md", text: "last", isCut: false }]);
});

test("of long ones the nearest is kept, in whole lines, and what is left out is named", async () => {
  const far = { name: "AGENTS.md", text: "far\n".repeat(50), isCut: false };
  const near = { name: "a/AGENTS.md", text: "near one\nnear two\n", isCut: false };
  expect(instructionsText([far, near], 1000)).toMatch(
    /^From AGENTS\.md, [\s\S]*From a\/AGENTS\.md, .*\n\nnear one\nnear two$/,
  );
  expect(instructionsText([far, near], 10)).toBe(
    "From a/AGENTS.md, by the authors of this project:\n\nnear one\n(The rest of a/AGENTS.md is left out.)",
  );
  expect(instructionsText([], 10)).toBe("");
});
