import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  formatCommitMessage,
  type Git,
  openGit,
  readStagedDiff,
  repositoryState,
  type WrittenMessage,
} from "@trust-cli/core/git";
import { exitStatus, TrustError } from "@trust-cli/core/protocol";

import { messageFromModel, nothingStaged } from "../composition/commit-message.ts";
import { loadSettings } from "../composition/settings.ts";
import { chooseAtTerminal } from "../print/choose-at-terminal.ts";
import { writeNotice, writeText } from "../print/output.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";
import { interruptSignal } from "./interrupt.ts";

type CommitOptions = SharedOptions & { dryRun?: boolean };

export const commitCommand: CommandModule = {
  register(program, run) {
    const commit = program
      .command("commit")
      .description("write a message for what is staged, and commit")
      .option("--dry-run", "print the message and change nothing")
      .option("--yes", "commit without asking")
      .option("--json", "one JSON value on stdout")
      .addHelpText(
        "after",
        "\nIn a terminal it asks: y commits, e opens Git's editor, n stops.\n\nExamples:\n  trust commit\n  trust commit --dry-run",
      );
    commit.action(() => run(() => writeAndCommit(sharedOptions(commit))));
  },
};

/** What the person wants done with a message. */
type Choice = "commit" | "edit" | "stop";

async function writeAndCommit(options: CommitOptions): Promise<number> {
  const settings = await loadSettings(options);
  for (const notice of settings.resolved.notices) writeNotice(notice);
  using interrupt = interruptSignal();
  const git = await openGit(settings.workspace.root, interrupt.signal);
  await requireReady(git, options);
  const files = await readStagedDiff(git, interrupt.signal);
  if (files.length === 0) throw nothingStaged();
  const written = await messageFromModel(settings, files, interrupt.signal);
  const text = formatCommitMessage(written.message);
  if (written.problem !== undefined) writeNotice(`This message states the bare facts: ${written.problem}.`);
  if (options.dryRun === true) return print(options, written, text, undefined);
  const choice = options.yes === true ? "commit" : await choose(text, interrupt.signal);
  if (choice === "stop") throw new TrustError("REFUSED", "nothing was committed", { hint: "your changes stay staged" });
  const commit = await runCommit(git, text, choice === "edit");
  return print(options, written, text, commit);
}

/** Refuses early what `git commit` would refuse after the model has worked. */
async function requireReady(git: Git, { yes, dryRun }: CommitOptions): Promise<void> {
  const state = await repositoryState(git);
  if (state.operation !== undefined) {
    throw new TrustError("INPUT_INVALID", `a ${state.operation} is in progress, and Git has a message for it`, {
      hint: state.operation === "merge" ? "git commit" : `git ${state.operation} --continue`,
    });
  }
  if (dryRun === true) return;
  if (state.lock !== undefined) {
    throw new TrustError("GIT_FAILED", `another Git process holds ${state.lock}`, {
      hint: "wait for it; if there is none, remove that file",
    });
  }
  if (yes !== true && !process.stdin.isTTY) {
    throw new TrustError("REFUSED", "this would ask before it commits, and there is no terminal", {
      hint: "trust commit --yes, or --dry-run to see the message",
    });
  }
}

async function choose(text: string, signal: AbortSignal): Promise<Choice> {
  process.stderr.write("\n");
  writeText(`${text}\n\n`);
  return chooseAtTerminal<Choice>(
    "Commit with this message? [Y]es, [e]dit, [n]o ",
    { y: "commit", e: "edit", n: "stop" },
    { signal, fallback: "stop", onEnter: "commit" },
  );
}

/** Commits as Git is set up: its hooks, its editor, its signing. Returns the commit's id. */
async function runCommit(git: Git, text: string, edit: boolean): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trust-commit-"));
  try {
    const file = join(folder, "message");
    await writeFile(file, `${text}\n`);
    const status = await runGitForPerson(git.folder, ["commit", "-F", file, ...(edit ? ["--edit"] : [])]);
    if (status !== 0) {
      throw new TrustError("GIT_FAILED", "git commit did not commit; what it said is above", {
        hint: "your changes stay staged",
      });
    }
    return (await git.run(["rev-parse", "HEAD"])).trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Its output goes to stderr: stdout is ours. */
function runGitForPerson(folder: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd: folder, stdio: ["inherit", 2, 2] });
    child.on("error", reject);
    child.on("exit", resolve);
  });
}

function print(options: SharedOptions, written: WrittenMessage, text: string, commit: string | undefined): number {
  const { message, source, problem } = written;
  const value = { message: text, ...message, source, problem: problem ?? null, commit: commit ?? null };
  printResult(options.json, value, () => (commit === undefined ? `${text}\n` : ""));
  return exitStatus.done;
}
