import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const config = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  trust(["config", ...args], { home, cwd: workspace.path, env });
const userFile = (): string => join(home.folder, "config", "config.yaml");

describe("trust config", () => {
  test("gets one setting as text and as JSON, and all of them", async () => {
    expect((await config(["get", "limits.steps"])).stdout).toBe("25\n");
    expect((await config(["get", "mode", "--json"])).stdout).toBe('"ask"\n');
    expect((await config(["get", "host.threads", "--json"])).stdout).toBe("null\n");
    expect((await config(["get"])).stdout).toMatch(/^model +nano\nmode +ask\n/);
    expect(parseUnknownJson((await config(["get", "--json"])).stdout, "stdout")).toMatchObject({ mode: "ask" });
  });

  test("sets a value in the person's own file and keeps their comments", async () => {
    writeFileSync(userFile(), "# mine\nmodel: nano # small\n");
    const { status, stdout } = await config(["set", "limits.steps", "7"]);
    expect([status, stdout]).toEqual([0, `limits.steps = 7 in ${userFile()}\n`]);
    expect(readFileSync(userFile(), "utf8")).toBe("# mine\nmodel: nano # small\nlimits:\n  steps: 7\n");
    expect((await config(["get", "limits.steps"])).stdout).toBe("7\n");
  });

  test("refuses a value of the wrong type and writes nothing", async () => {
    const { status, stderr } = await config(["set", "limits.steps", "many"]);
    expect(stderr).toContain("limits.steps");
    expect(status).toBe(2);
    expect(() => readFileSync(userFile())).toThrow("ENOENT");
  });

  test("explains which layer decides: default, user, project, profile, environment, flag", async () => {
    writeFileSync(userFile(), "limits: { steps: 20 }\n");
    mkdirSync(join(home.folder, "config", "profiles"));
    writeFileSync(join(home.folder, "config", "profiles", "short.json"), '{ "limits": { "steps": 9 } }\n');
    await workspace.write(".trust/config.yaml", "limits: { steps: 10 }\n");
    const args = ["explain", "limits.steps", "--profile", "short", "--max-turns", "7", "--json"];
    const { stdout } = await config(args, { TRUST_LIMITS_STEPS: "8" });
    const layers = parseUnknownJson(stdout, "stdout") as { source: string; value: number; won: boolean }[];
    expect(layers.map(({ source, value, won }) => [source, value, won])).toEqual([
      ["default", 25, false],
      ["user", 20, false],
      ["project", 10, false],
      ["profile", 9, false],
      ["environment", 8, false],
      ["flag", 7, true],
    ]);
  });

  test("shows which files it read", async () => {
    writeFileSync(userFile(), "mode: edit\n");
    await workspace.write(".trust/config.json", '{ "mode": "plan" }');
    const { stdout } = await config(["path"]);
    expect(stdout).toContain(`your file    ${userFile()}\n`);
    expect(stdout).toContain(`project      ${join(workspace.path, ".trust", "config.json")}\n`);
  });
});

describe("a settings file with a mistake", () => {
  test.each([
    ["a wrong type", "model: nano\nlimits:\n  steps: many\n", /config\.yaml:3: limits\.steps/],
    ["an unknown key", "model: nano\nmodle: x\n", /config\.yaml:2: there is no setting modle/],
    ["broken YAML", "model: nano\nmode: [\n", /config\.yaml:\d: /],
    ["bytes that are not text", "\u0000\u0001", /config\.yaml/],
    ["a list instead of settings", "- model\n", /config\.yaml: settings are written as key: value/],
    ["escape sequences in a key", '"\\e]0;owned\\a": 1\n', /config\.yaml:1: there is no setting/],
  ])("stops a question and names file, key and line: %s", async (_, text, message) => {
    writeFileSync(userFile(), text);
    const { status, stdout, stderr } = await trust(["-p", "hi"], { home, cwd: workspace.path });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("\u001b");
    expect([status, stdout]).toEqual([2, ""]);
  });

  test.each([
    ["a wrong value", "limits: { steps: many }\n", /\.trustrc:1: limits\.steps/],
    ["a rule that cannot be read", "deny: ['run_command(']\n", /is not a rule/],
  ])("can be found and does not stop what only looks: %s", async (_, text, message) => {
    await workspace.write(".trustrc", text);
    const path = await config(["path"]);
    expect([path.status, path.stdout]).toEqual([0, expect.stringContaining(join(workspace.path, ".trustrc"))]);
    expect(path.stderr).toMatch(message);
    expect((await config(["set", "mode", "edit"])).status).toBe(0);
    for (const args of [
      ["session", "list"],
      ["tools", "list"],
      ["tools", "show", "read_file"],
      ["host", "backend", "list"],
    ]) {
      expect((await trust(args, { home, cwd: workspace.path })).status, args.join(" ")).toBe(0);
    }
    const called = await trust(["tools", "call", "read_file", '{"path":".trustrc"}'], { home, cwd: workspace.path });
    expect(called.stderr).toMatch(message);
    expect(called.status).toBe(2);
  });

  test("is never run: a project's JavaScript is not looked at", async () => {
    await workspace.write(".trust/config.js", 'require("fs").writeFileSync("ran", "");');
    await workspace.write(".trustrc.cjs", 'require("fs").writeFileSync("ran", "");');
    expect((await config(["get", "mode"])).stdout).toBe("ask\n");
    await expect(workspace.read("ran")).rejects.toThrow("ENOENT");
  });

  test.skipIf(process.getuid?.() === 0)("is said when it may not be read (skipped for root)", async () => {
    writeFileSync(userFile(), "mode: edit\n");
    chmodSync(userFile(), 0);
    const { status, stderr } = await config(["get"]);
    expect(stderr).toContain("cannot be read: EACCES");
    expect(status).toBe(2);
  });
});
