import * as fc from "fast-check";
import { expect, test } from "vitest";

import { formatReference, parseReference, parseReferences } from "../../src/modelkit/index.ts";
import { isReferenceToKit } from "../../src/modelkit/reference.ts";

const hex = "a".repeat(64);

test.each([
  ["kit", "localhost", "kit", "latest", undefined],
  ["team/kit:1.0", "localhost", "team/kit", "1.0", undefined],
  ["kit://team/kit:1.0", "localhost", "team/kit", "1.0", undefined],
  ["localhost/kit", "localhost", "localhost/kit", "latest", undefined],
  ["localhost:5055/kit", "localhost:5055", "kit", "latest", undefined],
  ["registry.io/a/b/c:x", "registry.io", "a/b/c", "x", undefined],
  ["[::1]:5000/kit:x", "[::1]:5000", "kit", "x", undefined],
  [`registry.io/kit@sha256:${hex}`, "registry.io", "kit", undefined, `sha256:${hex}`],
  [`registry.io/kit:1@sha256:${hex}`, "registry.io", "kit", undefined, `sha256:${hex}`],
  [`sha256:${hex}`, "localhost", "_", undefined, `sha256:${hex}`],
])("%s names what KitOps means by it", (text, registry, repository, tag, digest) => {
  expect(parseReference(text)).toEqual({ registry, repository, tag, digest });
});

test.each([
  "",
  ":",
  "Team/kit",
  "-kit",
  "kit-",
  "kit:",
  "kit:.x",
  "a//b",
  "/kit",
  "kit@sha256:abc",
  "a/../b",
  "registry.io/",
  "kit:a b",
  "localhost:99999/kit",
  "1.2.3.999/kit",
  "ki\u0000t",
  `kit:${"x".repeat(129)}`,
])("%j names no kit", (text) => {
  expect(() => parseReference(text)).toThrow("names no kit");
});

test("several tags name the same kit", () => {
  expect(parseReferences("team/kit:1.0,latest,x").map(formatReference)).toEqual([
    "team/kit:1.0",
    "team/kit:latest",
    "team/kit:x",
  ]);
  expect(() => parseReferences("team/kit:1.0,-x")).toThrow("names no kit");
});

test.each([`sha256:${hex}`, `team/kit@sha256:${hex}`, `kit:1@sha256:${hex}`])(
  "a kit that is packed cannot be named by a digest: %s",
  (text) => {
    expect(() => parseReferences(text)).toThrow("gets its digest from");
  },
);

test("a path is a reference to a kit only with a tag or a digest", () => {
  expect(["model.gguf", "weights/", "a/b:1", "C:/x.gguf", "Model:1"].map(isReferenceToKit)).toEqual([
    false,
    false,
    true,
    false,
    false,
  ]);
});

test("what is shown of a reference means the same again, and no text makes the parser crash", () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const host = fc.constantFrom("", "registry.io/", "localhost:5000/");
  const end = fc.constantFrom("", ":v1.0", `@sha256:${hex}`);
  const valid = fc.tuple(host, fc.array(part, { minLength: 1, maxLength: 3 }), end);
  fc.assert(
    fc.property(valid, ([registry, parts, tail]) => {
      const reference = parseReference(registry + parts.join("/") + tail);
      expect(parseReference(formatReference(reference))).toEqual(reference);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9./:@_-]{0,40}$/)), (text) => {
      try {
        expect(parseReference(text).repository).toMatch(/^[a-z0-9_./-]+$/);
      } catch (error) {
        expect(error).toMatchObject({ code: "USAGE" });
      }
    }),
  );
});
