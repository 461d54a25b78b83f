import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect, test } from "vitest";

import { codeIndexFile, openCodeIndex } from "../../src/codebase/index.ts";
import { readSource, stampOf } from "../../src/codebase/read-source.ts";
import { acquireLock } from "../../src/storage/lock.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";
import { indexOf } from "./index-of.ts";
import { smallReader } from "./small-reader.ts";

const shop = {
  "cart.x": "import ./order.x\nfunction addToCart\n  placeOrder()\n",
  "order.x": "function placeOrder\nfunction cancelOrder\n",
  "other.x": "  placeOrder()\n  placeOrder()\n",
  "readme.md": "A cart holds what is bought.\n",
  "test/cart.x": "import ../order.x\nfunction testCart\n  addToCart()\n  placeOrder()\n",
};

test("finds text, definitions and references by line", async () => {
  await using workspace = await temporaryWorkspace(shop);
  using opened = await indexOf(workspace.path);
  const { index } = opened;
  expect(await index.sync()).toEqual({ outcome: "synced", indexed: 5, removed: 0 });
  expect(index.search("where are things added to the cart?")[0]).toMatchObject({
    path: "cart.x",
    isTest: false,
    lines: [{ line: 2, text: "function addToCart" }],
  });
  expect(index.symbols("placeOrder")).toEqual([
    {
      path: "order.x",
      name: "placeOrder",
      kind: "function",
      line: 1,
      endLine: 1,
      signature: "function placeOrder",
      exported: true,
    },
  ]);
  expect(index.symbols("placeorder")).toEqual([]);
  expect(index.symbols("placeordr", { fuzzy: true })[0]).toMatchObject({ name: "placeOrder" });
  expect(index.symbols("order", { fuzzy: true }).map(({ name }) => name)).toEqual(["placeOrder", "cancelOrder"]);
  expect(index.symbols("placeOrder", { kind: "class" })).toEqual([]);
  expect(index.outline("order.x").map(({ name }) => name)).toEqual(["placeOrder", "cancelOrder"]);
  expect(index.references("placeOrder")).toEqual([
    { path: "cart.x", lines: [3], by: "import" },
    { path: "test/cart.x", lines: [4], by: "import" },
    { path: "other.x", lines: [1, 2], by: "name" },
  ]);
  expect(index.references("nothing")).toEqual([]);
  expect(index.status()).toMatchObject({ files: 5, skipped: 0, definitions: 4, isComplete: true });
});

test("a file that only passes on what others define counts as an import of them", async () => {
  await using workspace = await temporaryWorkspace({
    "all.x": "import ./order.x\n",
    "order.x": "function placeOrder\n",
    "shop.x": "import ./all.x\n placeOrder()\n",
  });
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.references("placeOrder")).toEqual([{ path: "shop.x", lines: [2], by: "import" }]);
});

test("reads again only what changed, came or went", async () => {
  await using workspace = await temporaryWorkspace(shop);
  const readFiles: string[] = [];
  const reader = {
    read: (path: string, text: string) => {
      readFiles.push(path);
      return smallReader.read(path, text);
    },
  };
  using opened = await indexOf(workspace.path, reader);
  const { index } = opened;
  await index.sync();
  readFiles.length = 0;
  await workspace.write("order.x", "function refundOrder\n");
  await workspace.write("new.x", "function brandNew\n");
  rmSync(join(workspace.path, "other.x"));
  utimesSync(join(workspace.path, "cart.x"), 1000, 1000);
  expect(await index.sync()).toMatchObject({ outcome: "synced", removed: 1 });
  expect(readFiles.sort()).toEqual(["new.x", "order.x"]);
  expect(index.symbols("placeOrder")).toEqual([]);
  expect(index.symbols("refundOrder")).toHaveLength(1);
  expect(index.symbols("brandNew")).toHaveLength(1);
  expect(index.search("bought").map(({ path }) => path)).toEqual(["readme.md"]);
});

test("sees an edit that keeps size and time of the file", async () => {
  await using workspace = await temporaryWorkspace({ "a.x": "function one\n" });
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  await workspace.write("a.x", "function two\n");
  utimesSync(join(workspace.path, "a.x"), 1000, 1000);
  await opened.index.sync();
  expect(opened.index.symbols("two")).toHaveLength(1);
});

test("a file that was read just after it changed is read again, since its time may be too coarse to tell", async () => {
  await using workspace = await temporaryWorkspace({ "a.x": "function one\n" });
  const source = readSource(workspace.path, "a.x");
  const stamp = stampOf(workspace.path, "a.x");
  expect(source?.stamp.size).toBe(stamp?.size);
  expect(source?.stamp).not.toEqual(stamp);
});

test("a touched file is visible at once, an ignored one never", async () => {
  await using workspace = await temporaryWorkspace({ ...shop, ".gitignore": "ignored.x\n" });
  using opened = await indexOf(workspace.path);
  const { index } = opened;
  await index.sync();
  await workspace.write("order.x", "function shipOrder\n");
  await workspace.write("fresh.x", "function freshlyMade\n");
  await workspace.write("ignored.x", "function neverSeen\n");
  rmSync(join(workspace.path, "other.x"));
  expect(await index.touch(["order.x", "fresh.x", "ignored.x", "other.x", "never/was.x"])).toBe(true);
  expect(index.symbols("shipOrder")).toHaveLength(1);
  expect(index.symbols("freshlyMade")).toHaveLength(1);
  expect(index.symbols("neverSeen")).toEqual([]);
  expect(index.search("placeOrder", { limit: 5 }).map(({ path }) => path)).not.toContain("other.x");
});

test("a file that is touched while all are being indexed stays as it was touched", async () => {
  await using workspace = await temporaryWorkspace(shop);
  const waiting = Promise.withResolvers<void>();
  let isFirst = true;
  const reader = {
    read: async (path: string, text: string) => {
      if (path === "order.x" && isFirst) {
        isFirst = false;
        await waiting.promise;
      }
      return smallReader.read(path, text);
    },
  };
  using opened = await indexOf(workspace.path, reader);
  const syncing = opened.index.sync();
  await expect.poll(() => isFirst).toBe(false);
  await workspace.write("order.x", "function shipOrder\n");
  await opened.index.touch(["order.x"]);
  waiting.resolve();
  await syncing;
  expect(opened.index.symbols("shipOrder")).toHaveLength(1);
  expect(opened.index.symbols("placeOrder")).toEqual([]);
});

test("progress is told, and what was indexed before an interruption is kept", async () => {
  const files = Array.from({ length: 120 }, (_, index) => [`f${index}.x`, `function name${index}\n`]);
  await using workspace = await temporaryWorkspace(Object.fromEntries(files));
  using opened = await indexOf(workspace.path);
  const controller = new AbortController();
  const done: number[] = [];
  const syncing = opened.index.sync({
    signal: controller.signal,
    onProgress: (progress) => {
      done.push(progress.done);
      expect(progress.total).toBe(120);
      controller.abort();
    },
  });
  await expect(syncing).rejects.toMatchObject({ code: "INTERRUPTED" });
  const { files: count, isComplete } = opened.index.status();
  expect(count).toBeGreaterThanOrEqual(done[0] ?? 1);
  expect(isComplete).toBe(false);
  expect(await opened.index.sync()).toMatchObject({ indexed: expect.any(Number) as number });
  expect(opened.index.status()).toMatchObject({ files: 120, isComplete: true });
});

test("only one process writes at a time; another one can read", async () => {
  await using workspace = await temporaryWorkspace(shop);
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  await workspace.write("order.x", "function shipOrder\n");
  {
    using _writer = acquireLock(`${opened.file}.lock`);
    expect(await opened.index.sync()).toEqual({ outcome: "busy", indexed: 0, removed: 0 });
    expect(await opened.index.touch(["order.x"])).toBe(false);
    expect(opened.index.drop()).toBe(false);
    expect(opened.index.symbols("placeOrder")).toHaveLength(1);
  }
  expect(await opened.index.sync()).toMatchObject({ outcome: "synced" });
  expect(opened.index.symbols("shipOrder")).toHaveLength(1);
});

test("a dropped index is empty and can be built again", async () => {
  await using workspace = await temporaryWorkspace(shop);
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  const map = await opened.index.map({ budget: 500 });
  expect(opened.index.drop()).toBe(true);
  expect(opened.index.status()).toMatchObject({ files: 0, definitions: 0, isComplete: false });
  expect(opened.index.search("placeOrder")).toEqual([]);
  await opened.index.sync();
  expect(await opened.index.map({ budget: 500 })).toEqual(map);
});

test("the newest index file of a folder is found by its real path", async () => {
  await using workspace = await temporaryWorkspace({ "one/a.x": "" });
  symlinkSync(join(workspace.path, "one"), join(workspace.path, "two"));
  const [one, two] = ["one", "two"].map((name) => codeIndexFile("/data", join(workspace.path, name)));
  expect(one).toBe(two);
  expect(dirname(one ?? "")).toBe(join("/data", "code"));
});

test.each(["not a database at all", Buffer.alloc(8192, 7)])(
  "a file that is no database is begun anew",
  async (junk) => {
    await using workspace = await temporaryWorkspace(shop);
    using opened = await indexOf(workspace.path);
    const file = join(dirname(opened.file), "damaged.db");
    writeFileSync(file, junk);
    using index = openCodeIndex({ root: workspace.path, file, reader: smallReader });
    await index.sync();
    expect(index.symbols("placeOrder")).toHaveLength(1);
  },
);

test("a directory that takes a file's place between looking and reading is not read, nor a link out of the root", async () => {
  await using outside = await temporaryWorkspace({ "secret.x": "function outsideSecret\n" });
  await using workspace = await temporaryWorkspace({ "sub/secret.x": "function inside\n", "b.x": "function b\n" });
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  rmSync(join(workspace.path, "b.x"));
  mkdirSync(join(workspace.path, "b.x"));
  renameSync(join(workspace.path, "sub"), join(workspace.path, "moved"));
  symlinkSync(outside.path, join(workspace.path, "sub"));
  await opened.index.touch(["b.x", "sub/secret.x"]);
  expect(opened.index.symbols("b")).toEqual([]);
  expect(opened.index.symbols("inside")).toEqual([]);
  expect(opened.index.symbols("outsideSecret")).toEqual([]);
});

test("binary, large and generated files are known but not searched; UTF-16 and broken UTF-8 are", async () => {
  await using workspace = await temporaryWorkspace({ "generated.x": "// @generated\nfunction machineMade\n" });
  const put = (name: string, content: string | Buffer): void => writeFileSync(join(workspace.path, name), content);
  put("binary.x", Buffer.from([0, 1, 2]));
  put("wide.x", Buffer.from("\ufefffunction wide\n", "utf16le"));
  put("large.x", "function large\n".repeat(80_000));
  put("latin.x", Buffer.from("function caf\u00e9 \nfunction plain\n", "latin1"));
  put("new\nline\u001b[2J.x", "function hidden\n");
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.status()).toMatchObject({ files: 3, skipped: 3 });
  expect(["plain", "wide"].map((name) => opened.index.symbols(name).length)).toEqual([1, 1]);
  expect(opened.index.search("plain").map(({ path }) => path)).toEqual(["latin.x"]);
  const { text } = await opened.index.map({ budget: 300 });
  expect(text).toContain(String.raw`"new\nline\u001b[2J.x"`);
  expect(await opened.index.sync()).toMatchObject({ removed: 0 });
});

test("a query of any form is answered", async () => {
  await using workspace = await temporaryWorkspace(shop);
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  for (const query of ["", "  ", '"', "a AND (b OR", "NEAR(x y)", "path:cart*", "the of and", "\u0000", "カート"]) {
    expect(Array.isArray(opened.index.search(query)), query).toBe(true);
  }
  expect(opened.index.search("the cart").length).toBeGreaterThan(0);
});

test("tests come after the code that they test, unless they are asked for", async () => {
  await using workspace = await temporaryWorkspace(shop);
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  expect(opened.index.search("cart").at(0)?.isTest).toBe(false);
  expect(opened.index.search("cart test").at(0)?.path).toBe("test/cart.x");
});
