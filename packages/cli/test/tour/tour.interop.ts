import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  type DockerRegistry,
  dockerRegistry,
  hasRealOllama,
  realOllama,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openEditor } from "../acp/editor.ts";
import { answer, leave, openChat } from "../support/chat.ts";
import { buildProgram, type Finished, type Home, scratchHome, trust, trustProgram } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

/*
 * One way through every door, as a person would go it: a clean home, a real repository with its history, the built-in
 * model, and real programs on the other side. Each step goes on from the one before.
 */

const root = join(import.meta.dirname, "..", "..", "..", "..");
const acpx = join(
  process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop"),
  "acpx",
  "node_modules",
  ".bin",
  "acpx",
);
const skip = (isMissing: boolean, what: string): boolean => {
  if (isMissing) process.stderr.write(`SKIPPED in the tour: ${what}. Run: npm run interop:setup\n`);
  return isMissing;
};

let home: Home;
let second: Home;
let workspace: TemporaryWorkspace;
let registry: DockerRegistry | undefined;

beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
  second = await scratchHome();
  workspace = await temporaryWorkspace();
  registry = await dockerRegistry();
  execFileSync("git", ["clone", "-q", root, workspace.path]);
  git("config", "user.email", "ada@example.org");
  git("config", "user.name", "Ada");
  writeFileSync(join(workspace.path, "package.json"), '{\n  "name": "shop",\n  "version": "1.2.3"\n}\n');
  git("commit", "-qam", "chore: begin the tour");
}, 120_000);
afterAll(async () => {
  for (const one of [registry, workspace, second, home]) await one?.[Symbol.asyncDispose]();
});

const git = (...args: string[]): string =>
  execFileSync("git", args, { cwd: workspace.path, encoding: "utf8", stdio: "pipe", env: { ...home.env } });
const run = (args: readonly string[], from: Home = home, env: Record<string, string> = {}): Promise<Finished> =>
  trust(args, { home: from, cwd: workspace.path, env });
const version = (): string =>
  /"version": "(.*)"/.exec(readFileSync(join(workspace.path, "package.json"), "utf8"))?.[1] ?? "";
const question = "what is the version in package.json?";
const edit = 'replace "1.2.3" with "1.3.0" in package.json';

describe("the tour", () => {
  test("asks, and is answered with the line it was read from", async () => {
    const { status, stdout } = await run(["-p", question]);
    expect([status, stdout]).toEqual([0, expect.stringContaining("1.2.3")]);
  });

  test("edits with approval in the chat, and Git undoes it", async () => {
    const chat = await openChat(home, workspace.path);
    chat.type(`${edit}\r`);
    await answer(chat, "Apply this change?", "y");
    await waitUntil("the change", () => version() === "1.3.0");
    await leave(chat);
    git("checkout", "--", "package.json");
    expect(version()).toBe("1.2.3");
  });

  test("commits through the installed hook with a message in the form of Conventional Commits", async () => {
    expect((await run(["hooks", "install"])).status).toBe(0);
    writeFileSync(join(workspace.path, "docs", "shipping.md"), "# Shipping\n\nFree over 50.\n");
    git("add", "-A");
    const commit = await trust(["commit"], {
      home,
      cwd: workspace.path,
      command: ["git"],
      env: { GIT_EDITOR: "true" },
    });
    expect(commit.status).toBe(0);
    expect(git("log", "-1", "--format=%s")).toMatch(/^docs(\(.+\))?: \S/);
  });

  test("has the model call a plugin that was just made", async () => {
    expect((await run(["plugin", "new", "weather", join(home.folder, "weather")])).status).toBe(0);
    expect((await run(["plugin", "install", join(home.folder, "weather"), "--yes"])).status).toBe(0);
    const { stdout } = await run(["-p", "greet somebody named Ada", "--output-format", "json"]);
    expect(parseUnknownJson(stdout, "stdout")).toMatchObject({
      calls: expect.arrayContaining([
        expect.objectContaining({ name: "weather_hello", args: { name: "Ada" }, status: "ok" }),
      ]) as unknown,
    });
  });

  test("packs the built-in model, pushes it, and pulls, verifies and asks it in a second home", async (context) => {
    if (skip(registry === undefined, "docker-registry")) return context.skip();
    const reference = `${registry?.host ?? ""}/team/nano:1`;
    const kit = async (from: Home, ...args: string[]): Promise<void> => {
      const { status, stderr } = await run(["kit", ...args], from);
      expect([status, stderr]).toEqual([0, ""]);
    };
    await kit(home, "pack", join(root, "packages", "core", "nano"), "-t", reference);
    await kit(home, "push", reference);
    await kit(second, "pull", reference);
    await kit(second, "verify", reference);
    expect((await run(["model", "use", `kit://${reference}`], second)).status).toBe(0);
    const { status, stdout } = await run(["-p", question], second);
    expect([status, stdout]).toEqual([0, expect.stringContaining("1.2.3")]);
  });

  test("asks the same question through Ollama", async (context) => {
    if (skip(!hasRealOllama(), "Ollama")) return context.skip();
    await using ollama = await realOllama();
    const weights = join(root, "packages", "core", "nano", "nano.gguf");
    const modelfile = readFileSync(join(import.meta.dirname, "nano.Modelfile"), "utf8");
    await ollama.createFrom("nano", `FROM ${weights}\n${modelfile}`);
    const { status, stdout } = await run(["-p", question, "-m", `ollama+${ollama.url}/nano`]);
    expect([status, stdout]).toEqual([0, expect.stringContaining("1.2.3")]);
  });

  test("makes an approved edit in an editor of others", async (context) => {
    if (skip(!existsSync(acpx), "acpx")) return context.skip();
    const agent = `${process.execPath} ${trustProgram} acp`;
    const args = [acpx, "--cwd", workspace.path, "--approve-all", "--agent", agent, "exec", edit];
    const { status, stdout } = await trust(args, { home, cwd: workspace.path, command: [process.execPath] });
    expect([status, stdout]).toEqual([0, expect.stringContaining("edit_file")]);
    expect(version()).toBe("1.3.0");
    git("checkout", "--", "package.json");
  });

  test("shows the same profile in the chat, in the hook and in an editor", async () => {
    const settings = ["mode=plan", "hooks.seconds=0.01"];
    expect((await run(["profile", "create", "tour", ...settings])).status).toBe(0);
    expect((await run(["config", "set", "profile", "tour"])).status).toBe(0);
    const chat = await openChat(home, workspace.path);
    await chat.waitFor("plan mode");
    await leave(chat);
    const hook = await trust(["commit", "--allow-empty", "-m", "chore: nothing"], {
      home,
      cwd: workspace.path,
      command: ["git"],
    });
    expect(hook.stderr).toContain("nothing came within 0.01 s");
    await using editor = await openEditor({ home, cwd: workspace.path });
    const { configOptions } = await editor.agent.request("session/new", { cwd: workspace.path, mcpServers: [] });
    expect(configOptions?.find(({ id }) => id === "mode")).toMatchObject({ currentValue: "plan" });
    const explained = await run(["config", "explain", "mode"]);
    expect(explained.stdout).toContain("tour.yaml");
  });
});
