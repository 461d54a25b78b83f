import { type SimpleGit, simpleGit } from "simple-git";

import { isAbort, TrustError } from "../protocol/errors.ts";

/**
 * Git in one repository, for reading: nothing that the repository configures is run, nothing is fetched, and no lock is
 * taken.
 */
export interface Git {
  /** The top folder of the work tree. */
  readonly root: string;
  /** Where commands run: a relative GIT_DIR of a hook counts from there. */
  readonly folder: string;
  /** What the command printed. Throws GIT_FAILED with Git's own words. */
  run(args: readonly string[], signal?: AbortSignal): Promise<string>;
}

/**
 * Opens the repository that holds `folder`. Throws REPOSITORY_MISSING, or PROGRAM_MISSING when there is no Git.
 * In a hook the index that Git is about to commit is used, as Git names it in the environment.
 */
export async function openGit(folder: string, signal?: AbortSignal): Promise<Git> {
  const run: Git["run"] = (args, inner) => runGit(folder, args, inner ?? signal);
  const root = withoutNewline(await run(["rev-parse", "--show-toplevel"]));
  return { root, folder, run };
}

/** Git ends what it prints with one; a path may itself end with blanks. */
export const withoutNewline = (text: string): string => text.replace(/\r?\n$/, "");

/** A repository may name programs for some of these, and change the form of a diff with others. */
const harmless = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "diff.external=",
  "diff.suppressBlankEmpty=false",
  // Larger files count as binary: nobody reads their lines.
  "core.bigFileThreshold=2m",
];

async function runGit(folder: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  try {
    // `git config` starts nothing, and would read our own settings back as the person's.
    const settings = args[0] === "config" ? [] : harmless;
    return await createGit(folder, settings, signal).raw([...args]);
  } catch (cause) {
    if (signal?.aborted === true || isAbort(cause)) throw new TrustError("INTERRUPTED", "interrupted", { cause });
    throw gitError(folder, args, cause);
  }
}

function createGit(folder: string, settings: string[], signal: AbortSignal | undefined): SimpleGit {
  const environment = readingEnvironment(process.env);
  const git = simpleGit({
    baseDir: folder,
    config: settings,
    // Otherwise a timer of 50 ms after each command keeps the process alive.
    completion: { onExit: false },
    ...(signal === undefined ? {} : { abort: signal }),
    // These settings are ours, and they switch programs off. The person's own files are where they say.
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeDiffExternal: true,
      allowUnsafeConfigPaths: true,
    },
    allowEnvironment: Object.keys(environment),
  });
  return git.env(environment);
}

/** Where Git is at work and where the person's settings are, and nothing that makes it run something. */
const passedOn = [
  "PATH",
  "HOME",
  "USERPROFILE",
  "SYSTEMROOT",
  "TMPDIR",
  "TEMP",
  "XDG_CONFIG_HOME",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CEILING_DIRECTORIES",
];

/** A partial clone would fetch what it lacks, by a program that the repository names: no protocol is allowed. */
const forReading = {
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "none",
  LC_ALL: "C",
};

function readingEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const own = passedOn.flatMap((name): [string, string][] => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(own), ...forReading };
}

function gitError(folder: string, args: readonly string[], cause: unknown): TrustError {
  const said = (cause as Error).message.trim();
  if ((cause as NodeJS.ErrnoException).code === "ENOENT" || /spawn git ENOENT/.test(said)) {
    return new TrustError("PROGRAM_MISSING", "git is not installed, or not in PATH", { cause });
  }
  if (/not a git repository/i.test(said)) {
    return new TrustError("REPOSITORY_MISSING", `${folder} is in no Git repository`, { hint: "git init", cause });
  }
  const line = said.split("\n").find((one) => /^(fatal|error):/.test(one)) ?? said.split("\n")[0] ?? "";
  return new TrustError("GIT_FAILED", `git ${args[0] ?? ""} failed: ${line.replace(/^(fatal|error): /, "")}`, {
    cause,
  });
}
