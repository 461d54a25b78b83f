import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  type FakeOpenAiServer,
  fakeOpenAiServer,
  openTerminal,
  say,
  type ScriptReply,
  type TemporaryWorkspace,
  temporaryWorkspace,
  wait,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust, trustProgram } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
let server: FakeOpenAiServer;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
  server = await fakeOpenAiServer([say("feat(cart): charge for shipping")]);
  git("init", "-q", "-b", "main");
  git("config", "user.email", "ada@example.org");
  git("config", "user.name", "Ada");
  await workspace.write("src/cart.ts", "export const shipping = 5;\n");
  git("add", "-A");
});
afterEach(async () => {
  for (const one of [server, workspace, home]) await one[Symbol.asyncDispose]();
});

const environment = (): Record<string, string> => ({ ...home.env, TRUST_MODEL: server.url, GIT_CONFIG_NOSYSTEM: "1" });
function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: workspace.path, encoding: "utf8", stdio: "pipe", env: environmentOfGit() });
}
const environmentOfGit = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
});
const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  trust(args, { home, cwd: workspace.path, env: { ...environment(), ...env } });
const subjects = (): string[] => git("log", "--format=%s").trim().split("\n");

async function useServer(replies: readonly ScriptReply[]): Promise<void> {
  await server[Symbol.asyncDispose]();
  server = await fakeOpenAiServer(replies);
}

describe("trust commit", () => {
  test("prints the message of a dry run and changes nothing", async () => {
    const { status, stdout } = await run(["commit", "--dry-run"]);
    expect([status, stdout]).toEqual([0, "feat(cart): charge for shipping\n"]);
    expect(git("status", "--short")).toBe("A  src/cart.ts\n");
  });

  test("commits with --yes as Git is set up, hooks included, and says which commit it was", async () => {
    await workspace.write(".git/hooks/commit-msg", '#!/bin/sh\necho "Signed-off-by: Hook" >> "$1"\n');
    chmodSync(join(workspace.path, ".git/hooks/commit-msg"), 0o755);
    const { status, stdout } = await run(["commit", "--yes", "--json"]);
    expect(status).toBe(0);
    expect(parseUnknownJson(stdout, "stdout")).toMatchObject({
      message: "feat(cart): charge for shipping",
      type: "feat",
      scope: "cart",
      source: "model",
      commit: git("rev-parse", "HEAD").trim(),
    });
    expect(git("log", "-1", "--format=%B")).toContain("Signed-off-by: Hook");
  });

  test("says so and keeps what is staged when a hook of the repository refuses", async () => {
    await workspace.write(".git/hooks/pre-commit", "#!/bin/sh\necho no way >&2; exit 1\n");
    chmodSync(join(workspace.path, ".git/hooks/pre-commit"), 0o755);
    const { status, stderr } = await run(["commit", "--yes"]);
    expect(status).toBe(1);
    expect(stderr).toContain("no way");
    expect(stderr).toContain("your changes stay staged");
    expect(git("status", "--short")).toBe("A  src/cart.ts\n");
  });

  test("never asks where there is no terminal", async () => {
    const { status, stderr } = await run(["commit"]);
    expect(status).toBe(4);
    expect(stderr).toContain("trust commit --yes");
    expect(server.requests).toEqual([]);
  });

  test("needs something staged, and says how", async () => {
    git("rm", "-q", "--cached", "src/cart.ts");
    const { status, stderr } = await run(["commit", "--yes"]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("git add FILE")]);
  });

  test("leaves a merge and a locked index to Git", async () => {
    await workspace.write(".git/MERGE_HEAD", "0".repeat(40));
    expect((await run(["commit", "--yes"])).stderr).toContain("merge is in progress");
    execFileSync("rm", [join(workspace.path, ".git/MERGE_HEAD")]);
    await workspace.write(".git/index.lock", "");
    const { status, stderr } = await run(["commit", "--yes"]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("index.lock")]);
  });

  test("needs a model that answers, and keeps what is staged when there is none", async () => {
    const { status, stderr } = await run(["commit", "--yes"], { TRUST_MODEL: "http://127.0.0.1:9/v1" });
    expect([status, stderr]).toEqual([3, expect.stringContaining("127.0.0.1:9")]);
    expect(git("status", "--short")).toBe("A  src/cart.ts\n");
  });

  test("outside a repository names the remedy", async () => {
    const elsewhere = await temporaryWorkspace();
    const { status, stderr } = await trust(["commit", "--yes"], { home, cwd: elsewhere.path });
    await elsewhere[Symbol.asyncDispose]();
    expect([status, stderr]).toEqual([2, expect.stringContaining("git init")]);
  });

  test("in a terminal shows the message, opens Git's editor on e, and commits what the person leaves in it", async () => {
    await workspace.write("editor.sh", '#!/bin/sh\necho "fix: what I meant" > "$1"\n');
    chmodSync(join(workspace.path, "editor.sh"), 0o755);
    const env = { ...environment(), GIT_EDITOR: join(workspace.path, "editor.sh") };
    const terminal = openTerminal(process.execPath, [trustProgram, "commit"], { cwd: workspace.path, env });
    await terminal.waitFor("Commit with this message?");
    await terminal.waitFor("feat(cart): charge for shipping");
    terminal.type("e\r");
    expect(await terminal.exited).toBe(0);
    expect(subjects()).toEqual(["fix: what I meant"]);
  });

  test("in a terminal n commits nothing", async () => {
    const options = { cwd: workspace.path, env: environment() };
    const terminal = openTerminal(process.execPath, [trustProgram, "commit"], options);
    await terminal.waitFor("Commit with this message?");
    terminal.type("n\r");
    expect(await terminal.exited).toBe(4);
    expect(git("status", "--short")).toBe("A  src/cart.ts\n");
  });
});

describe("the installed hooks", () => {
  const commit = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
    trust(["commit", ...args], {
      home,
      cwd: workspace.path,
      command: ["git"],
      env: { ...environment(), GIT_EDITOR: "true", ...env },
    });

  test("suggest a message, and keep the one that the person gave", async () => {
    expect((await run(["hooks", "install"])).status).toBe(0);
    expect((await commit([])).status).toBe(0);
    await workspace.write("src/b.ts", "export const b = 1;\n");
    git("add", "-A");
    expect((await commit(["-m", "chore: mine"])).status).toBe(0);
    expect(subjects()).toEqual(["chore: mine", "feat(cart): charge for shipping"]);
    expect(server.requests.filter(({ path }) => path.endsWith("/completions"))).toHaveLength(1);
  });

  test("step aside after their budget, say so, and the commit goes on with the person's editor", async () => {
    await useServer([wait()]);
    await run(["hooks", "install"]);
    writeFileSync(join(workspace.path, "editor.sh"), '#!/bin/sh\necho "feat: by hand" > "$1"\n', { mode: 0o755 });
    const env = { TRUST_HOOKS_SECONDS: "0.5", GIT_EDITOR: join(workspace.path, "editor.sh") };
    const { status, stderr } = await commit([], env);
    expect([status, stderr]).toEqual([0, expect.stringContaining("nothing came within 0.5 s")]);
    expect(subjects()).toEqual(["feat: by hand"]);
  });

  test("never make a commit fail for a reason of our own", async () => {
    await run(["hooks", "install"]);
    writeFileSync(join(home.folder, "config", "config.yaml"), "limits: [broken\n");
    const { status, stderr } = await commit([], { GIT_EDITOR: "sh -c 'echo feat: x > \"$0\"'" });
    expect([status, stderr]).toEqual([0, expect.stringContaining("Trust stepped aside")]);
  });

  test("stop a commit with a secret in it, before the model is asked, and leave the index as it was", async () => {
    await run(["hooks", "install"]);
    await workspace.write("src/key.ts", `export const key = "AKIA${"Z7QRST2UVWXY3ABC"}";\n`);
    git("add", "-A");
    const tree = git("write-tree");
    const { status, stderr } = await commit([]);
    expect(status).toBe(1);
    expect(stderr).toContain("src/key.ts:1  secret: AWS access key AKIA…");
    expect(git("write-tree")).toBe(tree);
    expect((await run(["review", "--staged", "--json"])).status).toBe(1);
    expect((await commit([], { TRUST_HOOKS: "0", GIT_EDITOR: "sh -c 'echo feat: x > \"$0\"'" })).status).toBe(0);
  });
});
