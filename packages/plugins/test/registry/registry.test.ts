import { readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { type PluginBundle, PluginRegistry, readBundle, stateOf } from "@trust-cli/plugins/registry";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let source: TemporaryWorkspace;
let data: TemporaryWorkspace;
let registry: PluginRegistry;
beforeEach(async () => {
  data = await temporaryWorkspace();
  source = await temporaryWorkspace({ "trust-plugin.json": manifest(), "index.js": "1", "lib/help.txt": "help" });
  registry = new PluginRegistry(join(data.path, "plugins"));
});
afterEach(async () => {
  await source[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

function manifest(change: object = {}): string {
  return JSON.stringify({
    manifestVersion: 1,
    id: "@acme/todo",
    version: "1.0.0",
    license: "MIT",
    engine: { sdk: 1 },
    runtime: "isolate",
    entry: "index.js",
    contributes: { tools: [{ name: "todo_scan", description: "Find", inputSchema: { type: "object" } }] },
    ...change,
  });
}

async function bundleOf(folder = source.path): Promise<PluginBundle> {
  const bundle = await readBundle(folder);
  if (!bundle.ok) throw bundle.error;
  return bundle.value;
}

async function state(): Promise<string> {
  const index = await registry.read();
  if (!index.ok) throw index.error;
  const [plugin] = index.value.plugins;
  return plugin === undefined ? "none" : stateOf(plugin, index.value.strikes);
}

async function installed(): Promise<Parameters<PluginRegistry["load"]>[0]> {
  const plugin = await registry.find("@acme/todo");
  if (!plugin.ok) throw plugin.error;
  return plugin.value;
}

async function installAndApprove(): Promise<void> {
  const bundle = await bundleOf();
  const plugin = await registry.install(bundle);
  if (!plugin.ok) throw plugin.error;
  await registry.approve(plugin.value, bundle);
}

describe("a bundle", () => {
  test("has the same digest for the same files, and another for any change", async () => {
    const before = await bundleOf();
    expect((await bundleOf()).digest).toBe(before.digest);
    const digests = new Set([before.digest]);
    for (const [file, content] of [
      ["index.js", "2"],
      ["lib/help.txt", "hel"],
      ["lib/p.txt", ""],
      ["trust-plugin.json", manifest({ version: "1.0.1" })],
    ] as const) {
      await source.write(file, content);
      digests.add((await bundleOf()).digest);
    }
    expect(digests.size).toBe(5);
  });

  test("leaves out what tools put into a folder", async () => {
    const { digest } = await bundleOf();
    await source.write("node_modules/x/index.js", "1");
    await source.write(".git/config", "1");
    expect((await bundleOf()).digest).toBe(digest);
  });

  test("with a link is refused", async () => {
    await symlink("/etc/passwd", join(source.path, "lib", "passwd"));
    expect(await readBundle(source.path)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/no regular file/) },
    });
  });

  test("that is too large, or has too many files, is refused", async () => {
    await source.write("big.bin", "x".repeat(5_000_001));
    expect(await readBundle(source.path)).toMatchObject({ ok: false, error: { code: "PLUGIN_INVALID" } });
    await rm(join(source.path, "big.bin"));
    for (let index = 0; index < 200; index++) await source.write(`many/${index}`, "");
    expect(await readBundle(source.path)).toMatchObject({ ok: false, error: { code: "PLUGIN_INVALID" } });
  });

  test.each([
    ["no manifest", undefined, /is no plugin/],
    ["a broken manifest", "{", /not valid JSON/],
    ["an entry that is not there", manifest({ entry: "dist/x.js" }), /there is no such file/],
  ])("with %s is refused", async (_, text, words) => {
    if (text === undefined) await rm(join(source.path, "trust-plugin.json"));
    else await source.write("trust-plugin.json", text);
    expect(await readBundle(source.path)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(words) },
    });
  });
});

describe("an installed plugin", () => {
  test("waits for approval, then is loaded from its copy", async () => {
    const bundle = await bundleOf();
    const plugin = await registry.install(bundle);
    expect(await state()).toBe("waiting");
    expect((await registry.load(await installed())).ok).toBe(false);
    if (plugin.ok) await registry.approve(plugin.value, bundle);
    expect(await state()).toBe("approved");
    await source.write("index.js", "changed later");
    expect(await registry.load(await installed())).toMatchObject({ ok: true, value: { code: "1" } });
  });

  test("is not loaded when its files were changed, until it is approved again", async () => {
    await installAndApprove();
    const copy = registry.codeFolder(await installed());
    const { writeFile } = await import("node:fs/promises");
    await writeFile(join(copy, "index.js"), "evil");
    expect(await registry.load(await installed())).toMatchObject({
      ok: false,
      error: { code: "REFUSED", hint: "trust plugin approve @acme/todo" },
    });
    await registry.approve(await installed(), await bundleOf(copy));
    expect((await registry.load(await installed())).ok).toBe(true);
  });

  test("needs approval again after a new version, whose files replace the old ones", async () => {
    await installAndApprove();
    await source.write("index.js", "2");
    await registry.install(await bundleOf());
    expect(await state()).toBe("changed");
    expect(await readdir(join(data.path, "plugins", "@acme+todo"))).toEqual([(await installed()).digest]);
  });

  test("needs approval again when somebody widens the permissions in the index", async () => {
    await installAndApprove();
    const file = join(data.path, "plugins", "index.json");
    const { readFile, writeFile } = await import("node:fs/promises");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"permissions":{}', '"permissions":{"fs":{"read":["${workspace}/**"]}}'));
    expect(await state()).toBe("changed");
  });

  test("is off after three crashes, and on again after a new approval", async () => {
    await installAndApprove();
    const { digest } = await installed();
    expect(await registry.strike(digest)).toEqual({ ok: true, value: 1 });
    await registry.strike(digest);
    expect(await state()).toBe("approved");
    await registry.strike(digest);
    expect(await state()).toBe("disabled");
    await registry.approve(await installed(), await bundleOf());
    expect(await state()).toBe("approved");
  });

  test("is removed with its files and data", async () => {
    await installAndApprove();
    await data.write("plugins/data/@acme+todo/x.json", "[]");
    await registry.remove("@acme/todo");
    expect(await state()).toBe("none");
    expect(await readdir(join(data.path, "plugins"))).toEqual(["data", "index.json"]);
    expect(await readdir(join(data.path, "plugins", "data"))).toEqual([]);
    expect(await registry.remove("@acme/todo")).toMatchObject({ ok: false, error: { code: "PLUGIN_UNKNOWN" } });
  });
});
