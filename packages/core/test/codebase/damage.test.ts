import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, statSync, writeSync, closeSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import Database from "better-sqlite3";
import { expect, test } from "vitest";

import { openCodeIndex } from "../../src/codebase/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";
import { indexOf } from "./index-of.ts";
import { smallReader } from "./small-reader.ts";

const numberedFiles = (length: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length }, (_, index) => [
      `d${index % 7}/f${index}.x`,
      `function name${index}\n  name${index - 1}()\n`,
    ]),
  );

test("an index of a newer version is begun anew", async () => {
  await using workspace = await temporaryWorkspace({ "a.x": "function a\n" });
  using opened = await indexOf(workspace.path);
  const file = join(dirname(opened.file), "newer.db");
  const newer = new Database(file);
  newer.pragma("user_version = 1000");
  newer.close();
  using index = openCodeIndex({ root: workspace.path, file, reader: smallReader });
  await index.sync();
  expect(index.symbols("a")).toHaveLength(1);
});

function damage(path: string): void {
  const page = 4096;
  const file = openSync(path, "r+");
  for (let at = page; at < statSync(path).size; at += page) writeSync(file, Buffer.alloc(page, 0xa5), 0, page, at);
  closeSync(file);
}

test.each(["before", "after"])("an index that is damaged %s it is opened is begun anew", async (when) => {
  await using workspace = await temporaryWorkspace(numberedFiles(900));
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  opened.index[Symbol.dispose]();
  if (when === "before") damage(opened.file);
  using index = openCodeIndex({ root: workspace.path, file: opened.file, reader: smallReader });
  if (when === "after") damage(opened.file);
  expect(index.search("name7")).toEqual([]);
  expect(await index.sync()).toMatchObject({ outcome: "synced", indexed: 900 });
  expect(index.search("name7", { limit: 2 }).map(({ path }) => path)).toEqual(["d0/f7.x", "d1/f8.x"]);
  expect(index.status()).toMatchObject({ files: 900, isComplete: true });
});

test("an index that is damaged between two indexings is begun anew by the second", async () => {
  await using workspace = await temporaryWorkspace(numberedFiles(900));
  using opened = await indexOf(workspace.path);
  await opened.index.sync();
  opened.index[Symbol.dispose]();
  using index = openCodeIndex({ root: workspace.path, file: opened.file, reader: smallReader });
  damage(opened.file);
  expect(await index.sync()).toMatchObject({ outcome: "synced", indexed: 900 });
  expect(await index.touch(["d0/f7.x"])).toBe(true);
  expect(index.symbols("name7")).toHaveLength(1);
});

test("an index whose writer is killed is whole and goes on from there", async () => {
  await using workspace = await temporaryWorkspace(numberedFiles(1300));
  using opened = await indexOf(workspace.path);
  for (const files of [30, 850, 1100]) {
    const child = spawn(
      process.execPath,
      [
        "--conditions=@trust-cli/source",
        fileURLToPath(new URL("index-in-child.ts", import.meta.url)),
        workspace.path,
        opened.file,
        String(files),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const { files: kept } = opened.index.status();
    const symbols = Array.from({ length: 1300 }, (_, index) => opened.index.symbols(`name${index}`).length);
    expect(symbols.reduce((sum, count) => sum + count, 0)).toBe(kept);
  }
  expect(opened.index.status().files).toBeGreaterThanOrEqual(800);
  expect(await opened.index.sync()).toMatchObject({ outcome: "synced" });
  expect(opened.index.status()).toMatchObject({ files: 1300, definitions: 1300, isComplete: true });
  expect(readFileSync(opened.file).subarray(0, 6).toString()).toBe("SQLite");
});
