import {
  type Finding,
  formatCommitMessage,
  type Git,
  hookStopped,
  isBlocking,
  openGit,
  type OwnHook,
  ownHooks,
  readStagedDiff,
  reviewFacts,
  suggestMessage,
} from "@trust-cli/core/git";
import { exitStatus, TrustError } from "@trust-cli/core/protocol";

import { loadSettings, type Settings } from "../composition/settings.ts";
import { findingLine } from "../print/findings.ts";
import { writeNotice } from "../print/output.ts";
import { type CommandModule, sharedOptions, type SharedOptions } from "./command.ts";

/** What the installed hooks call. Not for people: `trust hooks` is. */
export const hookCommand: CommandModule = {
  register(program, run) {
    const hook = program
      .command("hook <name> [arguments...]", { hidden: true })
      .description("run by Git: see trust hooks")
      .addHelpText("after", "\nExample:\n  trust hooks install");
    hook.action((name: string, args: string[]) => run(() => runHook(name, args, sharedOptions(hook))));
  },
};

async function runHook(name: string, args: readonly string[], options: SharedOptions): Promise<number> {
  const hook = ownHooks.find((one) => one === name);
  if (hook === undefined) {
    throw new TrustError("USAGE", `trust has nothing to do in ${name}`, { hint: `its hooks: ${ownHooks.join(", ")}` });
  }
  try {
    // Git runs hooks in the top folder of the work tree: no need to know the settings before it is asked.
    const [settings, git] = await Promise.all([loadSettings(options), openGit(process.cwd())]);
    return await within(settings, (signal) => hooks[hook]({ settings, git, args, signal }));
  } catch (error) {
    // A person's commit never fails because of us.
    writeNotice(`Trust stepped aside: ${error instanceof Error ? error.message : String(error)}`);
    return exitStatus.done;
  }
}

/** Gives the work its budget of seconds. What comes later counts no more, and the commit goes on. */
async function within(settings: Settings, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const { seconds } = settings.config.hooks;
  const signal = AbortSignal.timeout(seconds * 1000);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(outOfTime(seconds)), { once: true });
  });
  return Promise.race([work(signal), late]);
}

const outOfTime = (seconds: number): TrustError =>
  new TrustError("INTERRUPTED", `nothing came within ${seconds} s (trust config set hooks.seconds N allows more)`);

interface HookCall {
  settings: Settings;
  git: Git;
  args: readonly string[];
  signal: AbortSignal;
}

type Hook = (call: HookCall) => Promise<number>;

const hooks: Record<OwnHook, Hook> = { "prepare-commit-msg": prepareMessage, "pre-commit": checkStaged };

/** Git passes the file with the message, and where a message came from if it has one. */
async function prepareMessage({ settings, git, args, signal }: HookCall): Promise<number> {
  const [file, source = ""] = args;
  if (file === undefined || source !== "") return exitStatus.done;
  await suggestMessage(git, file, async () => {
    const files = await readStagedDiff(git, signal);
    if (files.length === 0) return undefined;
    const { messageFromModel } = await import("../composition/commit-message.ts");
    const { message } = await messageFromModel(settings, files, signal);
    return formatCommitMessage(message);
  });
  return exitStatus.done;
}

async function checkStaged({ git, signal }: HookCall): Promise<number> {
  const findings = await reviewFacts(git, await readStagedDiff(git, signal), signal);
  if (findings.length === 0) return exitStatus.done;
  for (const finding of findings) writeNotice(findingLine(finding));
  return verdict(findings);
}

function verdict(findings: readonly Finding[]): number {
  if (!findings.some(isBlocking)) return exitStatus.done;
  writeNotice("Trust stopped this commit. Mend the lines above, or commit with --no-verify if they are meant.");
  return hookStopped;
}
