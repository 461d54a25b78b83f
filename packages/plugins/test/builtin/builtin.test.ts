import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";

import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { openWorkspace } from "@trust-cli/core/workspace";
import { createBroker } from "@trust-cli/plugins/broker";
import { builtInPlugins } from "@trust-cli/plugins/builtin";
import { PluginHost } from "@trust-cli/plugins/host";
import { PluginManifest } from "@trust-cli/plugins/manifest";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { hostEntry } from "../support/host.ts";

let host: PluginHost;
let folder: TemporaryWorkspace;
let data: TemporaryWorkspace;
beforeAll(() => {
  host = new PluginHost({ entry: hostEntry, onCrash: () => undefined });
});
afterAll(() => host[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await temporaryWorkspace();
  data = await temporaryWorkspace();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

const sources = join(import.meta.dirname, "..", "..", "src", "builtin");

async function use(name: string, tool: string, input: object = {}): Promise<string> {
  const plugin = builtInPlugins.find((one) => one.name === name);
  if (plugin === undefined) throw new Error(`there is no ${name}`);
  const { id, permissions, limits, contributes } = plugin.manifest;
  expect(contributes.tools.map((one) => one.name)).toContain(tool);
  const code = stripTypeScriptTypes(await readFile(join(sources, name, "index.ts"), "utf8"));
  const workspace = await openWorkspace(folder.path);
  const broker = createBroker(permissions, { workspace, mayRead: () => true, storageFolder: data.path });
  const result = await host.call(
    {
      plugin: { id, version: "1", code, memoryMB: limits.memoryMB, cpuMs: limits.cpuMsPerCall },
      tool,
      input,
      timeoutMs: 10_000,
      broker,
      onLog: () => undefined,
    },
    new AbortController().signal,
  );
  return result.ok ? String(result.value) : `error: ${result.error.message}`;
}

test.each(builtInPlugins)("the manifest of $name is complete and valid", ({ manifest }) => {
  expect(PluginManifest.parse(manifest)).toEqual(manifest);
});

describe("the to-do list", () => {
  test("adds, shows and finishes tasks, and keeps them", async () => {
    expect(await use("todo", "todo_list")).toBe("The to-do list is empty.");
    expect(await use("todo", "todo_add", { text: "write\n the  test" })).toBe("1. [ ] write the test");
    await use("todo", "todo_add", { text: "run it" });
    expect(await use("todo", "todo_done", { number: 1 })).toBe("1. [x] write the test");
    expect(await use("todo", "todo_list")).toBe("1. [x] write the test\n2. [ ] run it\n1 of 2 open");
  });

  test("says which tasks there are when a number is wrong", async () => {
    await use("todo", "todo_add", { text: "only this" });
    expect(await use("todo", "todo_done", { number: 9 })).toMatch(/there is no task 9\. 1\. \[ \] only this/);
  });

  test("is another one in another workspace", async () => {
    await use("todo", "todo_add", { text: "here" });
    await using elsewhere = await temporaryWorkspace();
    const here = folder;
    folder = elsewhere;
    expect(await use("todo", "todo_list")).toBe("The to-do list is empty.");
    folder = here;
  });
});

describe("the licence overview", () => {
  test("reads the lockfile first, then the installed packages", async () => {
    await folder.write("package.json", '{"name":"shop","dependencies":{"left":"1","right":"1","old":"1","gone":"1"}}');
    await folder.write(
      "package-lock.json",
      '{"packages":{"":{},"node_modules/left":{"license":"MIT"},"node_modules/right":{},"node_modules/shop":{"link":true}}}',
    );
    await folder.write("node_modules/right/package.json", '{"license":"ISC"}');
    await folder.write("node_modules/old/package.json", '{"licenses":[{"type":"MIT"},{"type":"BSD"}]}');
    await folder.write("node_modules/@scope/in/package.json", '{"license":{"type":"MIT"}}');
    expect((await use("licences", "licence_overview")).split("\n")).toEqual([
      "npm: 5 dependencies",
      "  MIT (2): @scope/in, left",
      "  ISC (1): right",
      "  MIT OR BSD (1): old",
      "  not known (1): gone",
      '"not known": neither a lockfile nor an installed package here names a licence',
    ]);
    expect(await use("licences", "licence_overview", { licence: "isc" })).toContain("  ISC (1): right\n");
  });

  test("reads the manifests of other languages", async () => {
    await folder.write(
      "Cargo.toml",
      '[package]\nname = "x"\n\n[dependencies]\nserde = "1"\ntokio = { version = "1" }\n\n[dev-dependencies.rand]\nversion = "1"\n[profile.release]\nlto = true\n',
    );
    await folder.write(
      "go.mod",
      "module example.com/x\n\ngo 1.22\n\nrequire (\n\tgithub.com/a/b v1.2.3\n\tgolang.org/x/net v0.1.0 // indirect\n)\n",
    );
    await folder.write("pyproject.toml", '[project]\nname = "x"\ndependencies = [\n  "Flask>=2",\n  "my_lib",\n]\n');
    await folder.write(
      ".venv/lib/python3.12/site-packages/flask-3.dist-info/METADATA",
      "Name: Flask\nLicense-Expression: BSD-3-Clause\n\nLong text",
    );
    const text = await use("licences", "licence_overview");
    expect(text).toContain("Cargo: 3 dependencies\n  not known (3): rand, serde, tokio");
    expect(text).toContain("Go: 2 dependencies\n  not known (2): github.com/a/b, golang.org/x/net");
    expect(text).toContain("Python: 2 dependencies\n  BSD-3-Clause (1): flask\n  not known (1): my-lib");
  });

  test("says when there is nothing to read, and survives broken files", async () => {
    expect(await use("licences", "licence_overview")).toMatch(/^No package\.json/);
    await folder.write("package.json", "{");
    await folder.write("package-lock.json", "[]");
    expect(await use("licences", "licence_overview")).toContain("npm: 0 dependencies");
  });
});
