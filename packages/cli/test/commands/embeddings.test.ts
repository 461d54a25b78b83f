import { join } from "node:path";

import { randomGguf, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

test("a model named in the settings makes vectors of the code, which is then searched by meaning, too", async () => {
  await using home = await scratchHome();
  await using models = await temporaryWorkspace();
  const model = join(models.path, "embedding.gguf");
  await randomGguf(model, { seed: 5 });
  await using workspace = await temporaryWorkspace({
    "src/cart.ts": "export function total(items: number[]): number {\n  return items.length;\n}\n",
    "src/tree.ts": "export const oak = 1;\n",
  });
  const run = (...args: string[]) => trust(args, { home, cwd: workspace.path });
  await run("config", "set", "index.embeddings", model);
  const built = await run("index", "build");
  expect(built.stdout).toMatch(/2 files with \d+ definitions; vectors of 2 files made\n$/);
  expect((await run("index", "build")).stdout).toContain("vectors of 0 files made");
  const found = await run("index", "search", "nothing", "shared", "--json");
  expect((JSON.parse(found.stdout) as { path: string }[]).map(({ path }) => path).toSorted()).toEqual([
    "src/cart.ts",
    "src/tree.ts",
  ]);
  await run("config", "set", "index.embeddings", join(models.path, "gone.gguf"));
  const without = await run("index", "search", "total");
  expect(without.stdout).toContain("src/cart.ts");
  expect(without.stderr).toContain("searched by words alone");
  expect((await run("index", "drop")).stdout).toBe("The index is empty.\n");
  expect(JSON.parse((await run("index", "search", "shared", "--json")).stdout)).toEqual([]);
});
