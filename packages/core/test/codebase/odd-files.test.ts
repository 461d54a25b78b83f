import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { readSource } from "../../src/codebase/read-source.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";
import { indexOf } from "./index-of.ts";
import { smallReader } from "./small-reader.ts";

const bigEndian = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le").swap16();

test("text in UTF-16 is read as what it says, and found by its words and lines", async () => {
  await using workspace = await temporaryWorkspace({ "plain.x": "" });
  const text = "first\r\nfunction größeLesen\r\n";
  writeFileSync(join(workspace.path, "little.x"), Buffer.from(`\uFEFF${text}`, "utf16le"));
  writeFileSync(join(workspace.path, "big.x"), bigEndian(text));
  writeFileSync(join(workspace.path, "wide.x"), Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]));
  writeFileSync(join(workspace.path, "unmarked.x"), Buffer.from(text, "utf16le"));
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.search("größe lesen").map(({ path, lines }) => [path, lines])).toEqual([
    ["big.x", [{ line: 2, text: "function größeLesen" }]],
    ["little.x", [{ line: 2, text: "function größeLesen" }]],
  ]);
  expect(opened.index.symbols("größeLesen").map(({ path, line }) => [path, line])).toEqual([
    ["big.x", 2],
    ["little.x", 2],
  ]);
  expect(opened.index.status()).toMatchObject({ files: 3, skipped: 2 });
});

test("bytes that are not UTF-8 cost only their own words", async () => {
  await using workspace = await temporaryWorkspace();
  const bytes = Buffer.concat([
    Buffer.from("caf"),
    Buffer.from([0xe9, 0xc3, 0x28]),
    Buffer.from("\nfunction brewCoffee\n"),
  ]);
  writeFileSync(join(workspace.path, "latin.x"), bytes);
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.search("brew coffee")).toMatchObject([{ path: "latin.x", lines: [{ line: 2 }] }]);
});

test("a file of two gigabytes is remembered and not read", async () => {
  await using workspace = await temporaryWorkspace({ "huge.x": "function huge\n", "small.x": "function small\n" });
  truncateSync(join(workspace.path, "huge.x"), 2 ** 31);
  expect(readSource(workspace.path, "huge.x")).toMatchObject({ content: "large", text: "" });
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.status()).toMatchObject({ files: 1, skipped: 1 });
  expect((await opened.index.sync()).indexed).toBeLessThanOrEqual(2);
});

test("names that differ only in case, or hold line breaks and controls, are files of their own", async () => {
  const names = process.platform === "linux" ? ["Cart.x", "cart.x", "CART.x"] : ["cart.x"];
  const odd = ["a\nfunction b.x", "tab\there.x", "\u001b[31m.x"];
  await using workspace = await temporaryWorkspace();
  for (const name of [...names, ...odd]) writeFileSync(join(workspace.path, name), "function sum\n");
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.symbols("sum").map(({ path }) => path)).toEqual([...names, ...odd].sort());
  const { text } = await opened.index.map({ budget: 500 });
  expect(text.split("\n").filter((line) => line.startsWith("function b"))).toEqual([]);
  expect(text).not.toContain("\u001b");
});

test("loops of links end, and no link leads out", async () => {
  await using outside = await temporaryWorkspace({ "secret.x": "function secret\n" });
  await using workspace = await temporaryWorkspace({ "in/a.x": "function inside\n" });
  symlinkSync("..", join(workspace.path, "in/up"));
  symlinkSync("self", join(workspace.path, "self"));
  symlinkSync(outside.path, join(workspace.path, "away"));
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.status().files).toBe(1);
  expect(await opened.index.touch(["away/secret.x", "in/up/in/a.x", "self"])).toBe(true);
  expect(opened.index.symbols("secret")).toEqual([]);
  expect(opened.index.status().files).toBe(1);
});

test("files that become folders while others are read, and folders that become files, are indexed as they are", async () => {
  await using workspace = await temporaryWorkspace({
    "a.x": "function first\n",
    "b.x": "function second\n",
    "c/d.x": "function third\n",
  });
  let isChanged = false;
  const change = (): void => {
    if (isChanged) return;
    isChanged = true;
    rmSync(join(workspace.path, "b.x"));
    mkdirSync(join(workspace.path, "b.x"));
    writeFileSync(join(workspace.path, "b.x/inner.x"), "function fourth\n");
    rmSync(join(workspace.path, "c"), { recursive: true });
    writeFileSync(join(workspace.path, "c"), "no folder\n");
  };
  const reader: typeof smallReader = {
    async read(path, text) {
      change();
      return await smallReader.read(path, text);
    },
  };
  using opened = await indexOf(workspace.path, reader);
  await opened.index.sync();
  expect(isChanged).toBe(true);
  await opened.index.sync();
  const found = ["first", "second", "third", "fourth"].flatMap((name) => opened.index.symbols(name));
  expect(found.map(({ path }) => path)).toEqual(["a.x", "b.x/inner.x"]);
});
