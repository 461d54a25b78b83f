import { access, chmod, constants, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";

import * as z from "zod";

import { TrustError } from "../protocol/errors.ts";
import { parseJson } from "../protocol/json.ts";
import { hookScript, type HookProgram, ownHooks, passedHooks } from "./hook-scripts.ts";
import type { Git } from "./run-git.ts";

/** What was in charge before: the repository's own `core.hooksPath`, if it set one, and what Git really used. */
const Installed = z.strictObject({
  version: z.literal(1),
  localBefore: z.string().nullable(),
  effectiveBefore: z.string().nullable(),
});
type Installed = z.infer<typeof Installed>;

export interface HookStatus {
  /** `shadowed`: installed, but another setting now says where hooks are. `stale`: its folder is gone or incomplete. */
  state: "installed" | "absent" | "shadowed" | "stale";
  folder: string;
  /** The folder whose hooks run before ours. */
  chainsTo: string;
  chained: string[];
  hooks: readonly string[];
}

const recordName = "before.json";

/**
 * Puts our hooks in a folder of their own inside `.git` and points Git to it. Hooks that were in charge stay where
 * they are, untouched, and run first. Installing again brings the folder up to date.
 */
export async function installHooks(git: Git, program: HookProgram): Promise<HookStatus> {
  const folder = await hooksFolder(git);
  const record = await recordFor(git, folder);
  if (record.effectiveBefore === folder) throw alreadyElsewhere(folder);
  await writeHooks(git, folder, record, program);
  await git.run(["config", "--local", "core.hooksPath", folder]);
  return hookStatus(git);
}

async function recordFor(git: Git, folder: string): Promise<Installed> {
  const local = await configured(git, ["--local"]);
  if (local !== folder) {
    return { version: 1, localBefore: local ?? null, effectiveBefore: (await configured(git, [])) ?? null };
  }
  // Installed before: what was in charge is on record, or, where that is lost, what the person's own settings say.
  const own = (await configured(git, ["--global"])) ?? (await configured(git, ["--system"])) ?? null;
  return (await readRecord(folder)) ?? { version: 1, localBefore: null, effectiveBefore: own };
}

/** Gives Git back what was in charge before. Says so, and changes nothing, when there is nothing of ours. */
export async function uninstallHooks(git: Git): Promise<HookStatus> {
  const folder = await hooksFolder(git);
  const record = await readRecord(folder);
  if ((await configured(git, ["--local"])) === folder) {
    const before = record?.localBefore ?? null;
    await git.run(
      before === null
        ? ["config", "--local", "--unset", "core.hooksPath"]
        : ["config", "--local", "core.hooksPath", before],
    );
  }
  await rm(folder, { recursive: true, force: true });
  return hookStatus(git);
}

export async function hookStatus(git: Git): Promise<HookStatus> {
  const folder = await hooksFolder(git);
  const record = await readRecord(folder);
  const effective = await configured(git, []);
  const chainsTo = await folderBefore(
    git,
    record?.effectiveBefore ?? (effective === folder ? null : (effective ?? null)),
  );
  const complete = record !== undefined && (await everyHookThere(folder));
  const pointsHere = effective === folder;
  const state = pointsHere ? (complete ? "installed" : "stale") : record === undefined ? "absent" : "shadowed";
  return { state, folder, chainsTo, chained: await hooksIn(chainsTo), hooks: ownHooks };
}

/** In the common folder, so that linked work trees share it. */
async function hooksFolder(git: Git): Promise<string> {
  const common = (await git.run(["rev-parse", "--git-common-dir"])).replace(/\r?\n$/, "");
  return join(resolve(git.root, common), "trust-hooks");
}

async function folderBefore(git: Git, before: string | null): Promise<string> {
  if (before !== null) return isAbsolute(before) ? before : resolve(git.root, before);
  return join(await hooksFolder(git), "..", "hooks");
}

/** The value as Git resolves it, `~` included; undefined when it is not set. */
async function configured(git: Git, scope: readonly string[]): Promise<string | undefined> {
  try {
    const value = await git.run(["config", ...scope, "--includes", "--type=path", "--get", "core.hooksPath"]);
    return value.replace(/\r?\n$/, "") || undefined;
  } catch {
    return undefined;
  }
}

async function writeHooks(git: Git, folder: string, record: Installed, program: HookProgram): Promise<void> {
  const staging = `${folder}.new-${process.pid}`;
  const before = record.effectiveBefore ?? undefined;
  const found = await hooksIn(await folderBefore(git, record.effectiveBefore));
  try {
    await mkdir(staging, { recursive: true });
    for (const name of new Set<string>([...ownHooks, ...passedHooks, ...found])) {
      const file = join(staging, name);
      await writeFile(file, hookScript(name, before, program));
      await chmod(file, 0o755);
    }
    await writeFile(join(staging, recordName), `${JSON.stringify(record)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Executable files with the name of a hook; samples are none. */
async function hooksIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const checks = names
    .filter((name) => /^[a-z][a-z-]+$/.test(name))
    .map(async (name) => {
      const runs = await access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      );
      return runs ? [name] : [];
    });
  return (await Promise.all(checks)).flat().toSorted();
}

async function everyHookThere(folder: string): Promise<boolean> {
  const there = new Set(await hooksIn(folder));
  return ownHooks.every((name) => there.has(name));
}

async function readRecord(folder: string): Promise<Installed | undefined> {
  const file = join(folder, recordName);
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseJson(text, Installed, file);
}

const alreadyElsewhere = (folder: string): TrustError =>
  new TrustError("GIT_FAILED", `a setting outside this repository already points Git to ${folder}`, {
    hint: "git config --show-origin core.hooksPath",
  });
