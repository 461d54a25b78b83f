import { expect, test } from "vitest";

import { shareWindow } from "../../src/engine/budget.ts";

const profile = { outputTokens: 4096, promptTokens: 24_576 };
const needs = { doubled: false, refused: undefined };

test.each([
  [4096, { output: 1024, trigger: 3072, limit: 3072 }],
  [8192, { output: 2048, trigger: 6144, limit: 6144 }],
  [32_768, { output: 4096, trigger: 18_432, limit: 24_576 }],
  [131_072, { output: 4096, trigger: 18_432, limit: 24_576 }],
  [800, { output: 256, trigger: 544, limit: 544 }],
  [300, { output: 150, trigger: 150, limit: 150 }],
])("shares out a window of %i tokens in proportion", (contextSize, budget) => {
  expect(shareWindow(profile, contextSize)).toEqual(budget);
});

test("gives a reply twice the room, but never more than half of the window", () => {
  expect(shareWindow(profile, 32_768, { ...needs, doubled: true }).output).toBe(8192);
  expect(shareWindow(profile, 4096, { ...needs, doubled: true })).toMatchObject({ output: 2048, limit: 2048 });
  expect(shareWindow(profile, 400, { ...needs, doubled: true }).output).toBe(200);
});

test("keeps a prompt well below what the backend refused although it should fit", () => {
  expect(shareWindow(profile, 32_768, { ...needs, refused: 20_000 })).toEqual({
    output: 4096,
    trigger: 9000,
    limit: 12_000,
  });
});

test("takes nothing from a refusal of what is too long for the window anyway", () => {
  expect(shareWindow(profile, 4096, { ...needs, refused: 5000 })).toEqual(shareWindow(profile, 4096));
});
