import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { temporaryWorkspace } from "@trust-cli/core/testing";
import { expect, test } from "vitest";

import { readBuiltInKit, verifyBuiltInKit } from "../../src/composition/built-in-kit.ts";

const never = (): AbortSignal => new AbortController().signal;

test("the built-in model is the kit that was packed", async () => {
  const kit = readBuiltInKit();
  expect(kit).toMatchObject({ name: "nano", path: join(kit.folder, "nano.gguf") });
  await verifyBuiltInKit(kit, never());
});

test("a built-in model with one changed byte, or without its manifest, is found out", async () => {
  await using copy = await temporaryWorkspace();
  await cp(readBuiltInKit().folder, copy.path, { recursive: true });
  const weights = join(copy.path, "nano.gguf");
  const bytes = await readFile(weights);
  bytes.writeUInt8(bytes.readUInt8(4_000_000) ^ 1, 4_000_000);
  await writeFile(weights, bytes);
  await expect(verifyBuiltInKit(readBuiltInKit(copy.path), never())).rejects.toMatchObject({
    code: "KIT_CORRUPT",
    message: expect.stringContaining("nano.gguf") as unknown,
  });
  await rm(join(copy.path, ".kit"), { recursive: true });
  expect(() => readBuiltInKit(copy.path)).toThrow(expect.objectContaining({ code: "KIT_CORRUPT" }) as Error);
});
