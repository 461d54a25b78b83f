import { expect, test } from "vitest";

import { overrideProfile, profileForServer, refineProfile, serverProfile } from "../../../src/models/profile/index.ts";
import type { CapabilityRecord } from "../../../src/ports/capability.ts";

const measured = (callSuccess: number): CapabilityRecord => ({
  dialect: { id: "native", origin: "server" },
  contextSize: 8192,
  parallelCalls: true,
  reasoning: false,
  callSuccess,
  probes: [],
  measuredAt: "2030-01-01T00:00:00.000Z",
});

test("a model that often calls wrongly makes one call at a time, under a grammar, on what there is, with the core tools", () => {
  expect(refineProfile(serverProfile, measured(0.79))).toEqual({
    ...serverProfile,
    callsPerStep: 1,
    constrainedCalls: true,
    grounded: true,
    coreToolsOnly: true,
  });
});

test("one that calls well, or was never measured, stays as its size says", () => {
  expect(refineProfile(serverProfile, measured(0.8))).toEqual(serverProfile);
  expect(refineProfile(serverProfile, undefined)).toEqual(serverProfile);
});

test("results are no longer than the model was seen to answer from", () => {
  expect(refineProfile(serverProfile, { ...measured(1), resultCharacters: 1600 }).resultBytes).toBe(1600);
  expect(refineProfile({ ...serverProfile, resultBytes: 900 }, { ...measured(1), resultCharacters: 1600 })).toEqual({
    ...serverProfile,
    resultBytes: 900,
  });
});

test("a model of a server is treated by the size that the server tells", () => {
  expect(profileForServer(undefined)).toBe(serverProfile);
  const id = (billions: number): string => profileForServer(billions * 1e9).id;
  expect([id(0.5), id(4), id(9), id(27)]).toEqual(["tiny", "small", "small", "medium"]);
  expect(profileForServer(4e9)).toMatchObject({ constrainedCalls: false, sampling: {}, guarded: true });
});

test("a person's own lines come last", () => {
  const small = profileForServer(4e9);
  expect(overrideProfile(small, {})).toEqual(small);
  const changed = overrideProfile(small, { resultBytes: 999, guarded: false, delegates: true, reviews: 0 });
  expect(changed).toEqual({ ...changed, resultBytes: 999, delegates: true, reviews: 0 });
  expect(changed).not.toHaveProperty("guarded");
});
