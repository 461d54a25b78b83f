import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  fakeOpenAiServer,
  openTerminal,
  say,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust, trustProgram } from "../support/program.ts";

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

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  trust(args, { home, cwd: workspace.path, env });
const own = (name: string): string => join(home.folder, "config", "profiles", `${name}.yaml`);

describe("trust profile", () => {
  test("makes, lists, shows and removes a profile", async () => {
    const made = await run(["profile", "create", "review", "mode=plan", "limits.steps=7", "--json"]);
    expect(parseUnknownJson(made.stdout, "stdout")).toEqual({ name: "review", scope: "user", file: own("review") });
    expect(readFileSync(own("review"), "utf8")).toContain("mode: plan");
    expect((await run(["profile", "list"])).stdout).toContain("review");
    const shown = parseUnknownJson((await run(["profile", "show", "review", "--json"])).stdout, "stdout");
    expect(shown).toMatchObject({ settings: { mode: "plan", "limits.steps": 7 } });
    expect((await run(["profile", "remove", "review"])).status).toBe(0);
    expect(existsSync(own("review"))).toBe(false);
  });

  test("refuses a name that is none, a second of the same name, and a wrong setting, and leaves nothing behind", async () => {
    expect((await run(["profile", "create", "../evil"])).status).toBe(2);
    await run(["profile", "create", "review", "mode=plan"]);
    expect((await run(["profile", "create", "review"])).stderr).toContain("trust profile edit review");
    const { status, stderr } = await run(["profile", "create", "bad", "mode=reckless"]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("mode")]);
    expect(existsSync(own("bad"))).toBe(false);
    expect((await run(["profile", "create", "bad", "what"])).stderr).toContain("KEY=VALUE");
  });

  test("a malformed one is an error with file and line where it is used, and can still be edited", async () => {
    await workspace.write(".trust/profiles/broken.yaml", "mode: plan\nlimits: {steps: many}\n");
    const used = await run(["-p", "hi", "--profile", "broken"]);
    expect([used.status, used.stderr]).toEqual([2, expect.stringContaining("broken.yaml:2")]);
    expect((await run(["profile", "edit", "broken"])).stderr).toContain("change it by hand");
    expect((await run(["profile", "list"])).status).toBe(0);
  });

  test("is opened in the person's editor and checked after", async () => {
    await run(["profile", "create", "review"]);
    const editor = `sh -c 'echo "mode: auto" >> "$0"; true'`;
    const env = { ...home.env, EDITOR: editor };
    const options = { cwd: workspace.path, env };
    const terminal = openTerminal(process.execPath, [trustProgram, "profile", "edit", "review"], options);
    await terminal.waitFor("is in order");
    expect(await terminal.exited).toBe(0);
    expect(readFileSync(own("review"), "utf8")).toContain("mode: auto");
  });

  test("may be named once in the settings, and --profile goes before", async () => {
    await run(["profile", "create", "review", "limits.steps=7"]);
    await run(["profile", "create", "quick", "limits.steps=2"]);
    await run(["config", "set", "profile", "review"]);
    expect((await run(["config", "get", "limits.steps"])).stdout).toBe("7\n");
    expect((await run(["config", "get", "limits.steps", "--profile", "quick"])).stdout).toBe("2\n");
    expect((await run(["config", "explain", "limits.steps"])).stdout).toContain(own("review"));
    const looked = parseUnknownJson((await run(["profile", "list", "--json"])).stdout, "stdout");
    expect(looked).toMatchObject([
      { name: "quick", inUse: false },
      { name: "review", inUse: true },
    ]);
  });

  test("decides which tools the model is offered and what it is told", async () => {
    await using server = await fakeOpenAiServer([say("Fine.")]);
    const settings = ['tools=["read_file"]', "instructions=Answer in French.", `model=${server.url}`];
    await run(["profile", "create", "french", ...settings]);
    expect((await run(["-p", "hello", "--profile", "french"])).stdout).toContain("Fine.");
    const body = JSON.stringify(server.requests.at(-1)?.body);
    expect(body).toContain("Answer in French.");
    expect(body).toContain("read_file");
    expect(body).not.toContain('run_command"');
  });
});
