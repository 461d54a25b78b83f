import * as fc from "fast-check";
import { expect, test } from "vitest";

import { parseSize, roundedDown, roundedUp, sizeText, writtenSize } from "../../src/protocol/size-text.ts";

test("sizes have units of thousands, or of 1024 when they say so", () => {
  const sizes = {
    "6G": 6e9,
    "512M": 512e6,
    "1.5GB": 1.5e9,
    "4GiB": 4 * 2 ** 30,
    "2ki": 2048,
    "100": 100,
    "64 MB": 64e6,
  };
  for (const [text, bytes] of Object.entries(sizes)) expect([text, parseSize(text)]).toEqual([text, bytes]);
});

test.each(["", "G", "-1G", "0", "1e9", "6GG", "1.2.3G", "5X", "999999999999T"])("%j is no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test("a size that was rounded up is written so that it is read as no less", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 13 }), (bytes) => {
      expect(parseSize(writtenSize(roundedUp(bytes)))).toBeGreaterThanOrEqual(bytes);
      expect(roundedDown(bytes)).toBeLessThanOrEqual(bytes);
    }),
  );
  expect([sizeText(4.36e9), sizeText(512e6)]).toEqual(["4.4 GB", "512 MB"]);
});
