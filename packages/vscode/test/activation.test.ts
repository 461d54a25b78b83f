import { build } from "esbuild";
import { expect, test } from "vitest";

import { extensionOptions } from "../build.ts";

test("the activation loads no library: they come with the first use", async () => {
  const { metafile } = await build({ ...extensionOptions, metafile: true, write: false });
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { kind, path: imported, external } of metafile.inputs[path]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) load(imported);
    }
  };
  load("src/extension.ts");
  expect([...loaded].filter((path) => !path.startsWith("src/"))).toEqual([]);
  expect(loaded.size).toBeGreaterThan(10);
  expect(Object.keys(metafile.inputs).some((path) => path.includes("@agentclientprotocol/sdk"))).toBe(true);
});
