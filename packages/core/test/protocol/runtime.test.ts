import { expect, test } from "vitest";

test("the tests run on the Node that npm installed, 24 or newer", () => {
  expect(Number.parseInt(process.versions.node, 10)).toBeGreaterThanOrEqual(24);
});
