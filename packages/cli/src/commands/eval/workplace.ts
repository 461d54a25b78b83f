import { copyFile, cp, mkdir, mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { TrustError } from "@trust-cli/core/protocol";

import { withoutGit } from "./programs.ts";
import { runProgram } from "./run-program.ts";
import { filesIn } from "./suite.ts";

const gitSeconds = 60;
/** The person's own Git settings, such as signing and hooks, have no say in a copy that is thrown away. */
const gitIdentity = ["-c", "user.name=Trust", "-c", "user.email=trust@localhost"];
const gitPlain = ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=", "-c", "init.defaultBranch=main"];

/** A temporary folder, gone when it is disposed. */
export interface Workplace extends AsyncDisposable {
  folder: string;
}

export async function openWorkplace(): Promise<Workplace> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "trust-eval-")));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** A fresh copy of a task's repository, with one commit. */
export async function copyRepository(from: string, to: string, signal: AbortSignal): Promise<void> {
  await cp(from, to, { recursive: true });
  await git(["init", "--quiet"], to, signal);
  await git(["add", "--all", "--force"], to, signal);
  await git(["commit", "--quiet", "--message=Start"], to, signal);
}

async function git(args: readonly string[], cwd: string, signal: AbortSignal): Promise<void> {
  const argv = ["git", ...gitIdentity, ...gitPlain, ...args];
  const environment = withoutGit(process.env);
  const { exitCode, output } = await runProgram({ argv, cwd, environment, seconds: gitSeconds }, signal);
  if (exitCode === 0) return;
  throw new TrustError("GIT_FAILED", `git ${args[0] ?? ""} failed in ${cwd}: ${output.trim()}`, {
    hint: "tasks are run in Git repositories; trust doctor checks Git",
  });
}

/** Puts every file below `from` over what is in `to`, whatever that is. */
export async function overlay(from: string, to: string): Promise<void> {
  for (const file of await filesIn(from)) {
    const target = join(to, relative(from, file));
    await makeFolder(dirname(target), to);
    await rm(target, { recursive: true, force: true });
    await copyFile(file, target);
  }
}

/** A file or a link in the place of a folder gives way. */
async function makeFolder(folder: string, root: string): Promise<void> {
  if (folder === root) return;
  await makeFolder(dirname(folder), root);
  const found = await stat(folder).catch(() => undefined);
  const resolved = found === undefined ? undefined : await realpath(folder);
  if (found?.isDirectory() === true && resolved === folder) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
}
