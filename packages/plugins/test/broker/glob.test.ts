import fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, test } from "vitest";

import { pathPattern } from "../../src/broker/glob.ts";

describe("a pattern of paths", () => {
  test.each([
    ["**", "a.ts", true],
    ["**", "src/deep/a.ts", true],
    ["**", ".env", false],
    ["**", "src/.git/config", false],
    ["**", ".github/workflows/ci.yml", false],
    [".env", ".env", true],
    [".github/**", ".github/workflows/ci.yml", true],
    ["src/**", "src/a.ts", true],
    ["src/**", "source/a.ts", false],
    ["src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/deep/a.ts", false],
    ["node_modules/@*/*/package.json", "node_modules/@a/b/package.json", true],
    ["**/package.json", "package.json", true],
    ["a?c", "abc", true],
    ["a[b]c", "abc", false],
    ["a[b]c", "a[b]c", true],
  ])("%s matches %s: %s", (glob, path, expected) => {
    expect(pathPattern(glob).matches(path)).toBe(expected);
  });

  const name = fc
    .string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 4 })
    .filter((part) => !/^\.{1,2}$/.test(part));
  const part = fc.oneof(
    fc.constant("**"),
    fc
      .string({ unit: fc.constantFrom("a", "b", "*", "?"), minLength: 1, maxLength: 4 })
      .filter((text) => !text.includes("**")),
  );
  const paths = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
  const globs = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));

  test("never grants more than picomatch does", () => {
    fc.assert(
      fc.property(globs, paths, (glob, path) => {
        if (pathPattern(glob).matches(path)) expect(picomatch(glob)(path)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test("leads into every folder above a match", () => {
    fc.assert(
      fc.property(globs, paths, (glob, path) => {
        const pattern = pathPattern(glob);
        if (!pattern.matches(path)) return;
        const parts = path.split("/");
        for (let depth = 1; depth < parts.length; depth++) {
          expect(pattern.leadsInto(parts.slice(0, depth).join("/"))).toBe(true);
        }
        expect(pattern.leadsInto(".")).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test("is quick for patterns that are slow elsewhere", () => {
    expect(pathPattern(`${"*a".repeat(100)}*b`).matches("a".repeat(200))).toBe(false);
    expect(pathPattern(`${"**/".repeat(60)}b`).matches("a/".repeat(200))).toBe(false);
  });
});
