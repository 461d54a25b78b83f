import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { describeUnpackedKit, verifyUnpackedKit } from "../../src/modelkit/index.ts";
import { never, scratch } from "./scratch.ts";

const nano = join(import.meta.dirname, "..", "..", "nano");
const committed = {
  manifest: await readFile(join(nano, ".kit", "manifest.json"), "utf8"),
  config: await readFile(join(nano, ".kit", "config.json"), "utf8"),
};

test("the committed manifest of the built-in model is current; scripts/nano-manifest.ts writes it", async () => {
  expect(await describeUnpackedKit(nano, never)).toEqual(committed);
});

test("the built-in model is what its manifest says", async () => {
  expect(await verifyUnpackedKit(nano, committed, never)).toMatchObject({ files: 3 });
});

test("a built-in model with one other byte is found out", async () => {
  await using place = await scratch();
  const copy = join(place.path, "nano");
  await cp(nano, copy, { recursive: true });
  const weights = await readFile(join(copy, "nano.gguf"));
  weights[3_000_000] = (weights[3_000_000] ?? 0) ^ 1;
  await writeFile(join(copy, "nano.gguf"), weights);
  await expect(verifyUnpackedKit(copy, committed, never)).rejects.toMatchObject({
    code: "KIT_CORRUPT",
    message: expect.stringContaining("nano.gguf") as string,
  });
});

test("a manifest and a config that do not belong together are found out", async () => {
  const other = { ...committed, config: committed.config.replace("nano", "mano") };
  await expect(verifyUnpackedKit(nano, other, never)).rejects.toMatchObject({ code: "KIT_CORRUPT" });
});
