import { readdirSync } from "node:fs";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { callTool, fakeOpenAiServer, say, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, startTrust, trust } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(() => buildProgram());
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace({ "notes.txt": "one\n", "secret.txt": "hidden\n" });
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<Finished> => trust(args, { home, cwd: workspace.path });
const plugin = (...args: string[]): Promise<Finished> => run("plugin", ...args);
const json = (finished: Finished): unknown => parseUnknownJson(finished.stdout, "stdout");

/** A plugin whose one tool, `probe`, has this body. */
async function writePlugin(body: string, manifest: object = {}): Promise<void> {
  await workspace.write(
    "mine/trust-plugin.json",
    JSON.stringify({
      manifestVersion: 1,
      id: "mine",
      version: "1.0.0",
      license: "MIT",
      engine: { sdk: 1 },
      runtime: "isolate",
      entry: "index.js",
      contributes: {
        tools: [
          {
            name: "probe",
            description: "Probe it",
            inputSchema: { type: "object", properties: { path: { type: "string" } } },
            annotations: { readOnly: true },
          },
        ],
      },
      permissions: { fs: { read: ["${workspace}/**"] } },
      ...manifest,
    }),
  );
  await workspace.write(
    "mine/index.js",
    `import { definePlugin } from "@trust-cli/plugins/sdk";
definePlugin({ tools: [{ name: "probe", run: async (input, context) => { ${body} } }] });\n`,
  );
}

const probe = (args: object = {}, ...flags: string[]): Promise<Finished> =>
  run("tools", "call", "probe", JSON.stringify(args), ...flags);

async function states(): Promise<string[]> {
  const rows = json(await plugin("list", "--json")) as { id: string; state: string }[];
  return rows.map(({ id, state }) => `${id} ${state}`);
}

describe("writing a plugin", () => {
  test("new makes one that dev runs at once", async () => {
    const made = await plugin("new", "weather");
    expect(made.stdout).toContain(`trust plugin dev weather --call weather_hello`);
    expect((await plugin("dev", "weather")).stdout).toContain("weather_hello: Greet somebody");
    const called = await plugin("dev", "weather", "--call", "weather_hello", '{"name": "Ann"}');
    expect(called).toMatchObject({ status: 0, stdout: "Hello Ann. Files here: 2.\n" });
    expect(called.stderr).toContain("log: counting");
    expect(await states()).toEqual(["licences built-in", "todo built-in"]);
  });

  test("new leaves a folder alone that holds something", async () => {
    expect(await plugin("new", "weather", ".")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("not empty"),
    });
    expect(await plugin("new", "../weather")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("an id is like"),
    });
  });

  test.each([
    ["todo", /plugin named todo comes with Trust/],
    ["9abc", /a name begins with a letter/],
  ])("new refuses the name %s", async (name, words) => {
    expect(await plugin("new", name)).toMatchObject({ status: 2, stderr: expect.stringMatching(words) });
  });

  test("new names a folder with a space so that the next command works", async () => {
    expect((await plugin("new", "weather", "my folder")).stdout).toContain("trust plugin dev 'my folder' --call");
  });

  test.each([["dev"], ["dev", "--watch"]])("%s %s of nothing says so and ends", async (verb, ...flags) => {
    expect(await plugin(verb, "nowhere", ...flags)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/nowhere is no folder\.\n.*name the folder of a plugin/),
    });
  });

  test("dev --watch ends when its folder goes, and gives no JSON", async () => {
    await writePlugin("return 'before';");
    expect(await plugin("dev", "mine", "--watch", "--json")).toMatchObject({
      status: 2,
      stdout: expect.stringContaining("leave one of them out"),
    });
    const running = startTrust(["plugin", "dev", "mine", "--watch", "--call", "probe"], { home, cwd: workspace.path });
    await waitUntil("the first result", () => running.stdout().includes("before"));
    await rm(join(workspace.path, "mine"), { recursive: true });
    expect(await running.finished).toMatchObject({ status: 2, stderr: expect.stringContaining("is no folder") });
  });

  test("dev takes no nonsense for the names of tools", async () => {
    await writePlugin("return 1;");
    await appendFile(join(workspace.path, "mine", "index.js"), "Array.prototype.toJSON = () => 7;");
    expect(await plugin("dev", "mine")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("names of its tools: Invalid input"),
    });
  });

  test.each([
    [
      "a tool that the code does not define",
      "",
      { contributes: { tools: [{ name: "other", description: "x", inputSchema: { type: "object" } }] } },
      /defines no other/,
    ],
    ["a permission that does not exist", "", { permissions: { net: ["*"] } }, /no such permission: net/],
    ["an engine of the future", "", { engine: { sdk: 2 } }, /engine\.sdk/],
  ])("dev says what is wrong with %s", async (_, body, manifest, words) => {
    await writePlugin(body, manifest);
    const { status, stderr } = await plugin("dev", "mine");
    expect(stderr).toMatch(words);
    expect(status).toBe(2);
  });

  test("dev gives one JSON value, also for a failure", async () => {
    await writePlugin("if (input.path) throw new Error('no luck'); return { a: 1 };");
    expect(json(await plugin("dev", "mine", "--call", "probe", "--json"))).toEqual({ tool: "probe", result: { a: 1 } });
    const failed = await plugin("dev", "mine", "--json", "--call", "probe", '{"path":"x"}');
    expect(json(failed)).toEqual({ error: { code: "PLUGIN_FAILED", message: "the plugin mine failed: no luck" } });
    expect(failed.status).toBe(1);
  });

  test("dev --watch runs it again after a change", async () => {
    await writePlugin("return 'before';");
    const running = startTrust(["plugin", "dev", "mine", "--watch", "--call", "probe", "{}"], {
      home,
      cwd: workspace.path,
    });
    await waitUntil("the first result", () => running.stdout().includes("before"));
    await waitUntil("the second result", () => {
      void writePlugin("return 'after';");
      return running.stdout().includes("after");
    });
    running.child.kill("SIGINT");
    expect((await running.finished).status).toBe(130);
  });
});

describe("using a plugin", () => {
  test("needs consent: without a terminal it is installed and stays out", async () => {
    await writePlugin("return 'ran';");
    const { status, stderr } = await plugin("install", "mine");
    expect(status).toBe(4);
    expect(stderr).toContain("read every file of the workspace");
    expect(stderr).toContain("trust plugin approve mine --yes");
    expect(await states()).toContain("mine waiting");
    expect((await probe()).stderr).toContain("no tool named probe");
    expect((await plugin("approve", "mine")).status).toBe(4);
  });

  test("with consent its tool is one like any other", async () => {
    await writePlugin("return `${input.path} holds ${await context.fs.read(input.path)}`;");
    expect((await plugin("install", "mine", "--yes")).stdout).toContain("mine is approved. Its tools: probe");
    expect((await probe({ path: "notes.txt" })).stdout).toBe("notes.txt holds one\n\n");
    expect((await run("tools", "list")).stdout).toMatch(/probe +read +Probe it \(plugin mine\)/);
    expect(json(await plugin("approve", "mine", "--yes", "--json"))).toMatchObject({
      id: "mine",
      approved: true,
      tools: ["probe"],
    });
    await plugin("remove", "mine");
    expect(await states()).toEqual(["licences built-in", "todo built-in"]);
    expect(await plugin("remove", "mine")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("trust plugin list"),
    });
  });

  test("what a rule denies to read_file is denied to plugins", async () => {
    await writePlugin("return context.fs.read('secret.txt');");
    await plugin("install", "mine", "--yes");
    expect((await probe()).stdout).toBe("hidden\n\n");
    const denied = await probe({}, "--deny", "read_file(secret.txt)");
    expect(denied).toMatchObject({ status: 1, stdout: expect.stringContaining("a rule of the person denies it") });
  });

  test("a plugin that was changed behind the person's back is not run", async () => {
    await writePlugin("return 'ran';");
    await plugin("install", "mine", "--yes");
    const folder = join(home.folder, "data", "plugins", "code", "mine");
    const copy = join(folder, readdirSync(folder)[0] ?? "");
    await appendFile(join(copy, "index.js"), "// more\n");
    expect(await probe()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("changed since they were approved"),
    });
    expect(await states()).toContain("mine changed");
    await plugin("approve", "mine", "--yes");
    expect((await probe()).stdout).toBe("ran\n");
  });

  test("a new version waits for a new approval, while the approved one stays in use", async () => {
    await writePlugin("return 'one';");
    await plugin("install", "mine", "--yes");
    await writePlugin("return 'two';", { version: "2.0.0" });
    expect(await plugin("install", "mine")).toMatchObject({
      status: 4,
      stderr: expect.stringContaining("mine 2.0.0 is installed and not approved, 1.0.0 stays in use"),
    });
    expect(await states()).toContain("mine approved");
    expect((await plugin("list")).stdout).toMatch(/mine +1\.0\.0 .*\(2\.0\.0 waits: trust plugin approve mine\)/);
    expect((await probe()).stdout).toBe("one\n");
    await plugin("approve", "mine", "--yes");
    expect((await probe()).stdout).toBe("two\n");
    expect((await plugin("list")).stdout).not.toContain("waits");
  });

  test("twelve installations at once all succeed", async () => {
    await writePlugin("return 'ran';");
    const all = await Promise.all(Array.from({ length: 12 }, () => plugin("install", "mine", "--yes")));
    expect(all.filter(({ status }) => status !== 0)).toEqual([]);
    expect((await probe()).stdout).toBe("ran\n");
  });

  test("consent shows what a model reads of the arguments", async () => {
    const properties = { path: { type: "string", description: "Which file" }, unit: { type: "string", enum: ["C"] } };
    const tool = { name: "probe", description: "Probe it", inputSchema: { type: "object", properties } };
    await writePlugin("", { contributes: { tools: [tool] } });
    const { stderr } = await plugin("install", "mine");
    expect(stderr).toContain('  probe: Probe it (asks like a change)\n    path: Which file\n    unit: one of "C"\n');
  });

  test("what is not there is said with a step for a person", async () => {
    expect((await plugin("install", "nowhere")).stderr).toContain("name the folder of a plugin");
    await writePlugin("return 1;");
    await plugin("install", "mine", "--yes");
    await rm(join(home.folder, "data", "plugins", "code"), { recursive: true });
    expect((await plugin("approve", "mine", "--yes")).stderr).toContain(
      "install it again: trust plugin install FOLDER",
    );
    expect((await plugin("install", "mine", "--yes")).status).toBe(0);
    expect((await probe()).stdout).toBe("1\n");
  });

  test("one that is called data leaves the data of others alone", async () => {
    await run("tools", "call", "todo_add", '{"text": "stay"}', "--yes");
    await writePlugin("return 1;", { id: "data" });
    await plugin("install", "mine", "--yes");
    expect((await plugin("remove", "data")).status).toBe(0);
    expect((await run("tools", "call", "todo_list", "{}")).stdout).toContain("stay");
  });

  test.each([
    ["the id of a built-in plugin", { id: "todo" }, /plugin named todo comes with Trust/],
    [
      "a tool that is there already",
      { contributes: { tools: [{ name: "read_file", description: "x", inputSchema: { type: "object" } }] } },
      /already is a tool named read_file/,
    ],
  ])("one with %s is not installed", async (_, manifest, words) => {
    await writePlugin("", manifest);
    const { status, stderr } = await plugin("install", "mine", "--yes");
    expect(stderr).toMatch(words);
    expect(status).toBe(2);
    expect(await states()).toHaveLength(2);
  });

  test("one that crashes the plugin host three times is off until it is approved again", async () => {
    await writePlugin("const all = []; for (;;) all.push(new Array(1000).fill(1));", {
      limits: { memoryMB: 256, cpuMsPerCall: 20_000 },
    });
    await plugin("install", "mine", "--yes");
    for (let count = 1; count <= 3; count++) {
      expect((await probe()).stdout).toContain("crashed the plugin host");
    }
    expect(await states()).toContain("mine disabled");
    expect((await probe()).stderr).toContain("crashed the plugin host too often");
    await plugin("approve", "mine", "--yes");
    expect(await states()).toContain("mine approved");
  });

  test("a damaged list of plugins stops nothing but the plugins", async () => {
    await writePlugin("return 1;");
    await plugin("install", "mine", "--yes");
    await writeFile(join(home.folder, "data", "plugins", "index.json"), "{");
    const { status, stderr } = await run("tools", "call", "list_directory", '{"path": "."}');
    expect(status).toBe(0);
    expect(stderr).toContain("No plugin was loaded");
  });
});

describe("plugins in a conversation", () => {
  test("a model calls them, and the built-in ones are offered to a server's model", async () => {
    await writePlugin("return 'seen';");
    await plugin("install", "mine", "--yes");
    await using server = await fakeOpenAiServer([
      callTool("probe", {}),
      callTool("todo_list", {}),
      callTool("todo_add", { text: "more" }),
      say("Done."),
    ]);
    const { stdout } = await run("-p", "look", "-m", server.url, "--output-format", "json", "--allow", "todo_add");
    expect(json({ status: 0, stdout, stderr: "" })).toMatchObject({
      text: "Done.",
      calls: [
        { name: "probe", status: "ok" },
        { name: "todo_list", status: "ok" },
        { name: "todo_add", status: "ok" },
      ],
    });
    const chat = server.requests.find(({ path }) => path.endsWith("/chat/completions"));
    expect(JSON.stringify(chat?.body)).toContain("licence_overview");
  });

  test("the prompt of the built-in model is not longer for the plugins that come with Trust", async () => {
    process.env["TRUST_HOME"] = home.folder;
    try {
      const { createApp } = await import("../../src/composition/app.ts");
      const { nanoProfile, serverProfile } = await import("@trust-cli/core/models");
      const names = async (profile: typeof nanoProfile): Promise<string[]> =>
        (await createApp({ cwd: workspace.path }, false)).toolsFor(profile).map(({ name }) => name);
      const builtIn = await names(nanoProfile);
      expect(builtIn).not.toContain("todo_list");
      const others = (await names(serverProfile)).filter((name) => !builtIn.includes(name));
      expect(others.slice(-4)).toEqual(["licence_overview", "todo_list", "todo_add", "todo_done"]);
      await writeFile(join(home.folder, "config", "config.json"), '{"tools": ["read_file", "todo_list"]}');
      expect(await names(nanoProfile)).toEqual(["read_file", "todo_list"]);
      await writePlugin("return 1;");
      await plugin("install", "mine", "--yes");
      await writeFile(join(home.folder, "config", "config.json"), "{}");
      expect(await names(nanoProfile)).toEqual([...builtIn, "probe"]);
    } finally {
      delete process.env["TRUST_HOME"];
    }
  });
});
