import { existsSync } from "node:fs";

import { expect, test } from "vitest";

import { hostDevices } from "../../../src/models/llama/host-devices.ts";
import { hostEntry, never } from "./llama-bench.ts";

test("a host tells what it computes on, and which file of llama.cpp it loaded", async () => {
  const { backend, binary, gpu } = await hostDevices({ ...hostEntry, backend: "cpu" }, never());
  expect([backend, gpu, existsSync(binary)]).toEqual(["cpu", undefined, true]);
});

test("a host for a backend that is not installed says so, and how it is installed", async () => {
  const entry = { ...hostEntry, backend: "cuda", backendsDirectory: "/nonexistent" };
  await expect(hostDevices(entry, never())).rejects.toMatchObject({
    code: "HOST_MISSING",
    hint: expect.stringContaining("trust host backend install cuda") as unknown,
  });
});

test("asking can be cancelled", async () => {
  await expect(hostDevices(hostEntry, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
});
