import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hookStatus, hookStopped, installHooks, openGit, uninstallHooks } from "@trust-cli/core/git";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type Repository, temporaryRepository } from "./repository.ts";

let repository: Repository;
/** Stands for the program: it notes how it was called, and fails when it is told to. */
let program: { node: string; script: string };
const log = (): string[] => {
  const file = join(repository.path, "log");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
};

beforeEach(async () => {
  repository = await temporaryRepository({ "it's a tool.mjs": recorder });
  program = { node: process.execPath, script: join(repository.path, "it's a tool.mjs") };
});
afterEach(async () => {
  await repository[Symbol.asyncDispose]();
});

const recorder = `import { appendFileSync } from "node:fs";
appendFileSync("log", ["trust", ...process.argv.slice(2).map((word) => word.replace(/.*\\//, ""))].join(" ") + "\\n");
process.exitCode = Number(process.env.STATUS ?? 0);
`;

function hook(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
}

function commit(options: { env?: Record<string, string>; args?: string[] } = {}): number | null {
  writeFileSync(join(repository.path, "file"), String(Math.random()));
  repository.git("add", "file");
  const { status } = spawnSync("git", ["commit", ...(options.args ?? ["-m", "feat: x"])], {
    cwd: repository.path,
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", GIT_EDITOR: "true", ...options.env },
  });
  return status;
}

const open = () => openGit(repository.path);

describe("installed hooks", () => {
  test("are called with Git's own words, and only where there is something to do", async () => {
    expect((await installHooks(await open(), program)).state).toBe("installed");
    expect(commit()).toBe(0);
    expect(log()).toEqual(["trust hook pre-commit"]);
    commit({ args: [] });
    expect(log().slice(1)).toEqual(["trust hook pre-commit", "trust hook prepare-commit-msg COMMIT_EDITMSG"]);
  });

  test("stop a commit when the check says so, and not with TRUST_HOOKS=0 or --no-verify", async () => {
    await installHooks(await open(), program);
    const STATUS = String(hookStopped);
    expect(commit({ env: { STATUS } })).toBe(1);
    expect(commit({ env: { STATUS, TRUST_HOOKS: "0" } })).toBe(0);
    expect(commit({ env: { STATUS }, args: ["--no-verify", "-m", "feat: y"] })).toBe(0);
    expect(log()).toEqual(["trust hook pre-commit"]);
  });

  test("let a commit through when the program itself fails", async () => {
    await installHooks(await open(), program);
    expect(commit({ env: { STATUS: "1" } })).toBe(0);
    expect(commit({ env: { NODE_OPTIONS: "--require=/nope" } })).toBe(0);
  });

  test("suggest nothing where no editor will be opened", async () => {
    await installHooks(await open(), program);
    commit({ args: ["--no-edit"] });
    expect(log()).toEqual(["trust hook pre-commit"]);
  });

  test("still run what was there after the repository was moved, once they are installed again, and give it back", async () => {
    hook(join(repository.path, ".git", "hooks"), "pre-commit", "echo before >> log");
    await installHooks(await open(), program);
    repository.git("config", "core.hooksPath", "/where/it/was/.git/trust-hooks");
    expect((await hookStatus(await open())).state).toBe("stale");
    expect(await installHooks(await open(), program)).toMatchObject({ state: "installed", chained: ["pre-commit"] });
    commit();
    expect(log()).toEqual(["before", "trust hook pre-commit"]);
    repository.git("config", "core.hooksPath", "/where/it/was/.git/trust-hooks");
    expect((await uninstallHooks(await open())).state).toBe("absent");
    expect(() => repository.git("config", "core.hooksPath")).toThrow("git config");
  });

  test("give a path back as it was written, and survive a broken record", async () => {
    repository.git("config", "core.hooksPath", "~/hooks");
    await installHooks(await open(), program);
    await uninstallHooks(await open());
    expect(repository.git("config", "--local", "core.hooksPath")).toBe("~/hooks\n");
    await installHooks(await open(), program);
    await repository.write(".git/trust-hooks/before.json", "");
    expect((await hookStatus(await open())).state).toBe("stale");
    expect((await installHooks(await open(), program)).state).toBe("installed");
  });

  test("are not installed over several values, and leave nothing behind then", async () => {
    repository.git("config", "--add", "core.hooksPath", "a");
    repository.git("config", "--add", "core.hooksPath", "b");
    await expect(installHooks(await open(), program)).rejects.toThrow("several times");
    expect(existsSync(join(repository.path, ".git", "trust-hooks"))).toBe(false);
  });

  test("run what was there before first, and stop where it stops", async () => {
    const hooks = join(repository.path, ".git", "hooks");
    hook(hooks, "pre-commit", "echo before >> log");
    hook(hooks, "commit-msg", 'echo "message $1" >> log');
    await installHooks(await open(), program);
    expect(commit()).toBe(0);
    expect(log()).toEqual(["before", "trust hook pre-commit", "message .git/COMMIT_EDITMSG"]);
    hook(hooks, "pre-commit", "exit 7");
    expect(commit()).toBe(1);
    expect(log()).toHaveLength(3);
  });

  test("run a hook that someone adds after the installation, as other tools do", async () => {
    await installHooks(await open(), program);
    hook(join(repository.path, ".git", "hooks"), "post-commit", "echo after >> log");
    commit();
    expect(log()).toEqual(["trust hook pre-commit", "after"]);
  });

  test.each([".husky/_", "/"])("chain the folder that core.hooksPath named (%s…), and give it back", async (kind) => {
    const folder = kind === "/" ? join(repository.path, "abs hooks") : kind;
    hook(kind === "/" ? folder : join(repository.path, folder), "pre-commit", "echo husky >> log");
    repository.git("config", "core.hooksPath", folder);
    const { chained } = await installHooks(await open(), program);
    expect(chained).toEqual(["pre-commit"]);
    commit();
    expect(log()).toEqual(["husky", "trust hook pre-commit"]);
    await uninstallHooks(await open());
    expect(repository.git("config", "--local", "core.hooksPath").trim()).toBe(folder);
    commit();
    expect(log()).toEqual(["husky", "trust hook pre-commit", "husky"]);
  });

  test("leave nothing behind when they are removed", async () => {
    const config = readFileSync(join(repository.path, ".git", "config"), "utf8");
    await installHooks(await open(), program);
    await installHooks(await open(), program);
    expect((await uninstallHooks(await open())).state).toBe("absent");
    expect(existsSync(join(repository.path, ".git", "trust-hooks"))).toBe(false);
    expect(readFileSync(join(repository.path, ".git", "config"), "utf8").replace(/\[core\]\n(?!\t)/, "")).toBe(config);
    expect((await uninstallHooks(await open())).state).toBe("absent");
  });

  test("work in a linked work tree too", async () => {
    commit();
    await installHooks(await open(), program);
    const tree = join(repository.path, "tree");
    repository.git("worktree", "add", "-q", tree);
    expect((await hookStatus(await openGit(tree))).state).toBe("installed");
  });

  test("let a commit through, and say so, when the program is gone", async () => {
    await installHooks(await open(), program);
    rmSync(program.script);
    const { status, stderr } = spawnSync("git", ["commit", "--allow-empty", "-m", "feat: z"], {
      cwd: repository.path,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
    });
    expect(status).toBe(0);
    expect(stderr).toContain("Run: trust hooks install");
  });
});

describe("the status", () => {
  test("tells when another tool has taken over, and installing again chains that tool", async () => {
    await installHooks(await open(), program);
    repository.git("config", "core.hooksPath", ".husky");
    expect((await hookStatus(await open())).state).toBe("shadowed");
    hook(join(repository.path, ".husky"), "pre-commit", "echo husky >> log");
    expect(await installHooks(await open(), program)).toMatchObject({ state: "installed", chained: ["pre-commit"] });
    commit();
    expect(log()).toEqual(["husky", "trust hook pre-commit"]);
  });

  test("tells when the folder is gone, and installing again mends it", async () => {
    await installHooks(await open(), program);
    rmSync(join(repository.path, ".git", "trust-hooks"), { recursive: true });
    expect((await hookStatus(await open())).state).toBe("stale");
    expect((await installHooks(await open(), program)).state).toBe("installed");
    await uninstallHooks(await open());
    expect((await hookStatus(await open())).state).toBe("absent");
  });
});
