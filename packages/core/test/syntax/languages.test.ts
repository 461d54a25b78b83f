import { expect, test } from "vitest";

import { languageOf } from "../../src/syntax/index.ts";
import { rulesOf } from "../../src/syntax/rules/index.ts";

test.each([
  ["src/a.ts", "typescript"],
  ["A.TSX", "tsx"],
  ["a.d.mts", "typescript"],
  ["a.jsx", "javascript"],
  ["Gemfile", "ruby"],
  ["dir.py/list.h", "c"],
  ["a\\b.cs", "csharp"],
  [".bashrc", "bash"],
])("knows %s", (path, language) => {
  expect(languageOf(path)).toBe(language);
});

test.each([
  ["#!/usr/bin/env python3", "python"],
  ["#!/usr/bin/env -S node --no-warnings", "javascript"],
  ["#!/bin/sh -e", "bash"],
  ["#! /usr/local/bin/ruby2.7", "ruby"],
])("knows a file without an extension by %s", (line, language) => {
  expect(languageOf("bin/tool", line)).toBe(language);
});

test.each(["README.md", "constructor", "a.toString", "Makefile", "", "a.ts/", "tool"])(
  "knows no grammar for %j",
  (path) => {
    expect(languageOf(path, "#!/usr/bin/env perl")).toBeUndefined();
  },
);

test("has rules for every language it names", () => {
  const paths = [
    "a.ts",
    "a.tsx",
    "a.js",
    "a.py",
    "a.go",
    "a.rs",
    "a.java",
    "a.c",
    "a.cc",
    "a.cs",
    "a.rb",
    "a.php",
    "a.sh",
  ];
  expect(paths.map((path) => languageOf(path))).toEqual(Object.keys(rulesOf));
});
