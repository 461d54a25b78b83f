import { readdir, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Result } from "@trust-cli/core/protocol";
import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { openWorkspace } from "@trust-cli/core/workspace";
import { type Broker, createBroker } from "@trust-cli/plugins/broker";
import type { Permissions } from "@trust-cli/plugins/manifest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: TemporaryWorkspace;
let data: TemporaryWorkspace;
beforeEach(async () => {
  data = await temporaryWorkspace({ "outside.txt": "secret" });
  folder = await temporaryWorkspace({
    "a.txt": "text of a",
    "src/app.ts": "code",
    "src/deep/b.ts": "more",
    "secrets/key.pem": "key",
    ".env": "TOKEN=1",
  });
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

const whole: Permissions = { fs: { read: ["${workspace}/**"] }, storageMB: 0.001 };

async function brokerFor(permissions: Permissions = whole): Promise<Broker> {
  const workspace = await openWorkspace(folder.path);
  const mayRead = (path: string): boolean => !path.startsWith("secrets");
  return createBroker(permissions, { workspace, mayRead, storageFolder: join(data.path, "store") });
}

async function ask(broker: Broker, method: string, ...args: unknown[]): Promise<unknown> {
  const result: Result<unknown> = await broker(method, args, new AbortController().signal);
  return result.ok ? result.value : result.error.message;
}

/** The files of the plugin's store. */
async function storedFiles(): Promise<string[]> {
  const entries = await readdir(join(data.path, "store"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe("reading files for a plugin", () => {
  test("gives text of files that the manifest names", async () => {
    const broker = await brokerFor({ fs: { read: ["${workspace}/src/**"] } });
    expect(await ask(broker, "fs.read", "src/app.ts")).toBe("code");
    expect(await ask(broker, "fs.read", "a.txt")).toMatch(/manifest does not name it/);
  });

  test.each([
    ["a path above the workspace", "../outside.txt", /outside/],
    ["an absolute path", "/etc/passwd", /outside|not name/],
    ["the home folder", "~/.ssh/id_rsa", /outside/],
    ["a NUL", "a\0.txt", /NUL/],
    ["a denied folder", "secrets/key.pem", /rule of the person/],
    ["a hidden file that no pattern names", ".env", /manifest does not name/],
    ["a folder", "src", /directory|not name/],
    ["nothing", "gone.txt", /no such file/],
  ])("refuses %s", async (_, path, words) => {
    expect(await ask(await brokerFor(), "fs.read", path)).toMatch(words);
  });

  test("follows no link out of the workspace, and no link around a rule or the manifest", async () => {
    await symlink(join(data.path, "outside.txt"), join(folder.path, "link.txt"));
    await symlink(data.path, join(folder.path, "linked"));
    await symlink(join(folder.path, "secrets", "key.pem"), join(folder.path, "key.txt"));
    await symlink(join(folder.path, ".env"), join(folder.path, "env.txt"));
    const broker = await brokerFor();
    expect(await ask(broker, "fs.read", "link.txt")).toMatch(/outside/);
    expect(await ask(broker, "fs.read", "linked/outside.txt")).toMatch(/outside/);
    expect(await ask(broker, "fs.list", "linked")).toMatch(/outside/);
    expect(await ask(broker, "fs.read", "key.txt")).toMatch(/rule of the person/);
    expect(await ask(broker, "fs.read", "env.txt")).toMatch(/manifest does not name/);
    expect(await ask(broker, "fs.glob", "**")).toEqual(["a.txt", "src/app.ts", "src/deep/b.ts"]);
  });

  test("refuses large files", async () => {
    await writeFile(join(folder.path, "large.txt"), "x".repeat(1_000_001));
    expect(await ask(await brokerFor(), "fs.read", "large.txt")).toMatch(/too large/);
  });

  test("lists and finds only what may be read", async () => {
    const broker = await brokerFor({ fs: { read: ["${workspace}/src/*.ts", "${workspace}/secrets/*"] } });
    expect(await ask(broker, "fs.list", ".")).toEqual([{ name: "src", kind: "directory" }]);
    expect(await ask(broker, "fs.list", "src")).toEqual([{ name: "app.ts", kind: "file" }]);
    expect(await ask(broker, "fs.glob", "**")).toEqual(["src/app.ts"]);
    expect(await ask(broker, "fs.glob", "**/*.md")).toEqual([]);
  });

  test("reads nothing without a permission", async () => {
    expect(await ask(await brokerFor({}), "fs.read", "a.txt")).toMatch(/manifest does not name/);
    expect(await ask(await brokerFor({}), "fs.list", ".")).toMatch(/manifest does not name/);
  });
});

describe("a plugin's storage", () => {
  test("keeps values, also for the next broker, and none for another workspace", async () => {
    const broker = await brokerFor();
    expect(await ask(broker, "storage.get", "a")).toBeUndefined();
    await ask(broker, "storage.set", "a", { list: [1] });
    await ask(broker, "storage.set", "__proto__", "odd");
    const next = await brokerFor();
    expect(await ask(next, "storage.get", "a")).toEqual({ list: [1] });
    expect(await ask(next, "storage.get", "__proto__")).toBe("odd");
    expect(await ask(next, "storage.list")).toEqual(["__proto__", "a"]);
    await ask(next, "storage.delete", "a");
    expect(await ask(broker, "storage.list")).toEqual(["__proto__"]);
    const elsewhere = createBroker(whole, {
      workspace: await openWorkspace(data.path),
      mayRead: () => true,
      storageFolder: join(data.path, "store"),
    });
    expect(await ask(elsewhere, "storage.list")).toEqual([]);
  });

  test("is full at its size, over all workspaces, and keeps what it had", async () => {
    const broker = await brokerFor();
    await ask(broker, "storage.set", "a", "x".repeat(600));
    expect(await ask(broker, "storage.set", "b", "x".repeat(600))).toMatch(/0\.001 MB is full/);
    const elsewhere = createBroker(whole, {
      workspace: await openWorkspace(data.path),
      mayRead: () => true,
      storageFolder: join(data.path, "store"),
    });
    expect(await ask(elsewhere, "storage.set", "b", "x".repeat(600))).toMatch(/full/);
    expect(await ask(broker, "storage.list")).toEqual(["a"]);
  });

  test("has room again for what was deleted or replaced", async () => {
    const broker = await brokerFor();
    for (const [key, length] of [
      ["a", 600],
      ["a", 900],
      ["a", 100],
      ["b", 600],
    ] as const) {
      expect(await ask(broker, "storage.set", key, "x".repeat(length))).toBeUndefined();
    }
    expect(await ask(broker, "storage.set", "c", "x".repeat(600))).toMatch(/full/);
    await ask(broker, "storage.delete", "b");
    expect(await ask(broker, "storage.set", "c", "x".repeat(600))).toBeUndefined();
  });

  test("writes only the value that was set, whatever else there is", async () => {
    const broker = await brokerFor({ storageMB: 5 });
    await ask(broker, "storage.set", "large", "x".repeat(900_000));
    const [large = ""] = await storedFiles();
    const before = await stat(large, { bigint: true });
    await ask(broker, "storage.set", "small", 1);
    await ask(broker, "storage.delete", "small");
    const { ino, mtimeNs } = await stat(large, { bigint: true });
    expect({ ino, mtimeNs }).toEqual({ ino: before.ino, mtimeNs: before.mtimeNs });
  });

  test("takes any key that is short enough", async () => {
    const keys = ["\u0000".repeat(200), '"\\', "../x", "\uD800", "é".repeat(200), "toString"];
    const broker = await brokerFor({ storageMB: 1 });
    for (const key of keys) await ask(broker, "storage.set", key, [key]);
    expect(await ask(broker, "storage.list")).toEqual(keys.toSorted());
    for (const key of keys) expect(await ask(broker, "storage.get", key)).toEqual([key]);
  });

  test("holds at most 1000 keys", async () => {
    const broker = await brokerFor({ storageMB: 5 });
    await ask(broker, "storage.set", "first", 1);
    const [first = ""] = await storedFiles();
    for (let index = 1; index < 1000; index++) {
      await writeFile(join(dirname(first), `${index}`.padStart(32, "0") + ".json"), `["${index}",1]`);
    }
    const next = await brokerFor({ storageMB: 5 });
    expect(await ask(next, "storage.set", "one more", 1)).toMatch(/1000 keys is full/);
    expect(await ask(next, "storage.set", "first", 2)).toBeUndefined();
  });

  test("loses nothing when two write at once", async () => {
    const [one, two] = [await brokerFor({ storageMB: 1 }), await brokerFor({ storageMB: 1 })];
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => ask(index % 2 === 0 ? one : two, "storage.set", `k${index}`, index)),
    );
    expect(await ask(one, "storage.list")).toEqual(Array.from({ length: 8 }, (_, index) => `k${index}`));
  });

  test("is refused without a permission, and when its file was damaged", async () => {
    expect(await ask(await brokerFor({}), "storage.set", "a", 1)).toMatch(/asks for no storage/);
    const broker = await brokerFor();
    await ask(broker, "storage.set", "a", 1);
    const [path = ""] = await storedFiles();
    await writeFile(path, "{");
    expect(await ask(broker, "storage.get", "a")).toMatch(/plugin's data is not valid JSON/);
    expect(await ask(broker, "storage.list")).toMatch(/plugin's data/);
  });
});

test.each([
  ["fs.write", ["a", "b"]],
  ["__proto__", []],
  ["constructor", []],
  ["fs.read", []],
  ["fs.read", [7]],
  ["fs.read", ["a", "b"]],
  ["storage.set", [""]],
])("the broker knows no %s%j", async (method, args) => {
  expect(await ask(await brokerFor(), method, ...args)).toMatch(/there is no|not as the SDK says/);
});
