import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

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
  await registry.approve(bundle);
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

  test("that is no folder is refused, with a step for a person", async () => {
    for (const name of ["nowhere", "index.js"]) {
      expect(await readBundle(join(source.path, name))).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(/is no folder/), hint: expect.stringMatching(/^name the folder/) },
      });
    }
  });

  test("of many empty folders is refused", async () => {
    for (let index = 0; index < 201; index++) await mkdir(join(source.path, `empty${index}`));
    expect(await readBundle(source.path)).toMatchObject({ ok: false, error: { code: "PLUGIN_INVALID" } });
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
    await registry.install(bundle);
    expect(await state()).toBe("waiting");
    expect((await registry.load(await installed())).ok).toBe(false);
    await registry.approve(bundle);
    expect(await state()).toBe("approved");
    await source.write("index.js", "changed later");
    expect(await registry.load(await installed())).toMatchObject({ ok: true, value: { code: "1" } });
  });

  test("is not loaded when its files were changed, until it is approved again", async () => {
    await installAndApprove();
    const copy = registry.codeFolder(await installed());
    await writeFile(join(copy, "index.js"), "evil");
    expect(await registry.load(await installed())).toMatchObject({
      ok: false,
      error: { code: "REFUSED", hint: "trust plugin approve @acme/todo" },
    });
    await registry.approve(await bundleOf(copy));
    expect((await registry.load(await installed())).ok).toBe(true);
  });

  test("stays in use until a new version is approved, whose files then replace the old ones", async () => {
    await installAndApprove();
    const before = await installed();
    await source.write("index.js", "2");
    await source.write("trust-plugin.json", manifest({ version: "2.0.0" }));
    const update = await bundleOf();
    await registry.install(update);
    expect(await state()).toBe("approved");
    expect(await registry.load(await installed())).toMatchObject({ ok: true, value: { code: "1" } });
    expect(await installed()).toEqual({ ...before, update: { digest: update.digest, manifest: update.manifest } });
    await registry.approve(update);
    expect(await registry.load(await installed())).toMatchObject({ ok: true, value: { code: "2" } });
    expect(await readdir(join(data.path, "plugins", "code", "@acme+todo"))).toEqual([update.digest]);
  });

  test("forgets an update when its own version is installed again, or another update", async () => {
    await installAndApprove();
    const first = await bundleOf();
    for (const code of ["2", "3"]) {
      await source.write("index.js", code);
      await registry.install(await bundleOf());
    }
    const home = join(data.path, "plugins", "code", "@acme+todo");
    expect((await readdir(home)).toSorted()).toEqual([first.digest, (await bundleOf()).digest].toSorted());
    await registry.install(first);
    expect((await installed()).update).toBeUndefined();
    expect(await readdir(home)).toEqual([first.digest]);
  });

  test("has its files repaired by the same version", async () => {
    await installAndApprove();
    await writeFile(join(registry.codeFolder(await installed()), "index.js"), "evil");
    await registry.install(await bundleOf());
    expect(await registry.load(await installed())).toMatchObject({ ok: true, value: { code: "1" } });
  });

  test("keeps its code apart from everyone's data, also when it is called data", async () => {
    for (const id of ["data", "code", "index"]) {
      await source.write("trust-plugin.json", manifest({ id }));
      await registry.install(await bundleOf());
      await data.write("plugins/data/other/x.json", "[]");
      await registry.remove(id);
      expect(await readdir(join(data.path, "plugins", "data", "other"))).toEqual(["x.json"]);
    }
  });

  test("needs approval again when somebody widens the permissions in the index", async () => {
    await installAndApprove();
    const file = join(data.path, "plugins", "index.json");
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
    await registry.approve(await bundleOf());
    expect(await state()).toBe("approved");
  });

  test("is removed with its files and data", async () => {
    await installAndApprove();
    await data.write("plugins/data/@acme+todo/x.json", "[]");
    await registry.remove("@acme/todo");
    expect(await state()).toBe("none");
    expect(await readdir(join(data.path, "plugins", "code"))).toEqual([]);
    expect(await readdir(join(data.path, "plugins", "data"))).toEqual([]);
    expect(await registry.remove("@acme/todo")).toMatchObject({ ok: false, error: { code: "PLUGIN_UNKNOWN" } });
  });
});

describe("the folder of all plugins", () => {
  test("is changed by one process after another, and none fails", async () => {
    const bundles: PluginBundle[] = [];
    for (let index = 0; index < 4; index++) {
      await source.write("trust-plugin.json", manifest({ id: `p${index}` }));
      bundles.push(await bundleOf());
    }
    const others = Array.from({ length: 12 }, () => new PluginRegistry(join(data.path, "plugins")));
    const results = await Promise.all(
      others.flatMap((other, index) => {
        const bundle = bundles[index % 4];
        return bundle === undefined ? [] : [other.install(bundle).then(() => other.approve(bundle)), other.read()];
      }),
    );
    expect(results.filter((result) => !result.ok)).toEqual([]);
    const index = await registry.read();
    expect(index.ok && index.value.plugins.map((one) => `${one.manifest.id} ${stateOf(one, {})}`).toSorted()).toEqual([
      "p0 approved",
      "p1 approved",
      "p2 approved",
      "p3 approved",
    ]);
  });

  test("loses no change when several processes make them at once", async () => {
    const script = join(import.meta.dirname, "..", "support", "striker.ts");
    const run = promisify(execFile);
    const args = ["--conditions=@trust-cli/source", script, join(data.path, "plugins")];
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, args)));
    const index = await registry.read();
    expect(index.ok && index.value.strikes).toEqual({ code: 80 });
  });

  test("can be read while others replace its index", async () => {
    await installAndApprove();
    const strikes = Promise.all(Array.from({ length: 60 }, (_, index) => registry.strike(`${index}`)));
    let isDone = false;
    void strikes.then(() => (isDone = true));
    const failed: unknown[] = [];
    while (!isDone) {
      const results = await Promise.all(Array.from({ length: 20 }, () => registry.read()));
      failed.push(...results.flatMap((result) => (result.ok ? [] : [result.error])));
    }
    expect(failed).toEqual([]);
  });

  test("is swept of what a killed process left, but not of what another one writes now", async () => {
    const [old, young] = [`.new-${randomUUID()}`, `.new-${randomUUID()}`];
    await data.write(`plugins/${old}/index.js`, "1");
    await data.write(`plugins/${young}/index.js`, "1");
    const before = new Date(Date.now() - 3_600_000);
    await utimes(join(data.path, "plugins", old), before, before);
    await registry.install(await bundleOf());
    const left = (await readdir(join(data.path, "plugins"))).filter((name) => name.startsWith(".new-"));
    expect(left).toEqual([young]);
  });

  test("that is a file stops an installation in plain words", async () => {
    await data.write("plugins", "");
    expect(await registry.install(await bundleOf())).toMatchObject({
      ok: false,
      error: {
        code: expect.stringMatching(/^(FILE|STORAGE)_FAILED$/),
        hint: expect.stringMatching(/is a folder that you may write/),
      },
    });
  });

  test("with a damaged index names the file to move away", async () => {
    await data.write("plugins/index.json", "{");
    expect(await registry.read()).toMatchObject({
      ok: false,
      error: { code: "STORAGE_FAILED", hint: expect.stringMatching(/^move .*index\.json away/) },
    });
  });
});
