import { join } from "node:path";

import { expect, test } from "vitest";

import type { CapabilityRecord } from "../../src/ports/capability.ts";
import { createCapabilityStore } from "../../src/storage/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";

const identity = { weights: "sha256:a", template: "sha256:b", backend: "llama.cpp 1" };
const record: CapabilityRecord = {
  dialect: { id: "json", origin: "template" },
  contextSize: 4096,
  parallelCalls: true,
  reasoning: false,
  callSuccess: 0.75,
  probes: [{ id: "enum", passed: false }],
  measuredAt: "2030-01-01T00:00:00.000Z",
};

test("what was measured of a model is found again, and replaced when it is measured again", async () => {
  await using folder = await temporaryWorkspace();
  const file = join(folder.path, "data", "capabilities.db");
  {
    using store = createCapabilityStore(file);
    expect(store.find(identity)).toBeUndefined();
    store.save(identity, record);
    store.save(identity, { ...record, callSuccess: 1 });
  }
  using store = createCapabilityStore(file);
  expect(store.find(identity)).toEqual({ ...record, callSuccess: 1 });
});

test("the last move to a simpler way of writing calls is kept beside it", async () => {
  await using folder = await temporaryWorkspace();
  using store = createCapabilityStore(join(folder.path, "capabilities.db"));
  const change = { from: "its own syntax", to: "plain tags", at: "2030-01-01T00:00:00.000Z" };
  expect(store.lastDowngrade(identity)).toBeUndefined();
  store.noteDowngrade(identity, change);
  expect(store.lastDowngrade(identity)).toEqual(change);
  expect(store.lastDowngrade({ ...identity, template: "another" })).toBeUndefined();
  expect(store.find(identity)).toBeUndefined();
});

test.each(["weights", "template", "backend"] as const)("it does not count where the %s is another", async (part) => {
  await using folder = await temporaryWorkspace();
  using store = createCapabilityStore(join(folder.path, "capabilities.db"));
  store.save(identity, record);
  expect(store.find({ ...identity, [part]: "another" })).toBeUndefined();
});
