import fc from "fast-check";
import { expect, test } from "vitest";

import { MarkerMatcher } from "../../src/dialects/marker-matcher.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 6 });
const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 30 });

test("finds a marker where it first ends, and holds back exactly what may become it", () => {
  fc.assert(
    fc.property(letters, text, (marker, read) => {
      const matcher = new MarkerMatcher(marker);
      const at = read.indexOf(marker);
      const before = at < 0 ? read : read.slice(0, at + marker.length - 1);
      expect(before.split("").some((unit) => matcher.push(unit))).toBe(false);
      const held = marker.split("").findLastIndex((_, length) => before.endsWith(marker.slice(0, length)));
      expect(matcher.held).toBe(held);
      expect(at < 0 || matcher.push(marker.slice(-1))).toBe(true);
    }),
  );
});
