import { access, chmod, constants, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";

import * as z from "zod";

import { TrustError } from "../protocol/errors.ts";
import { parseJson } from "../protocol/json.ts";
import { hookScript, type HookProgram, ownHooks, passedHooks } from "./hook-scripts.ts";
import { type Git, withoutNewline } from "./run-git.ts";

/** What was in charge before: the repository's own `core.hooksPath` as it was written, and what Git really used. */
const Installed = z.strictObject({
  version: z.literal(1),
  localBefore: z.string().nullable(),
  effectiveBefore: z.string().nullable(),
});
type Installed = z.infer<typeof Installed>;

export interface HookStatus {
  /**
   * `shadowed`: installed, but another setting now says where hooks are. `stale`: Git looks for hooks where ours are
   * gone or incomplete, as after the repository was moved: none runs.
   */
  state: "installed" | "absent" | "shadowed" | "stale";
  folder: string;
  /** The folder whose hooks run before ours. */
  chainsTo: string;
  chained: string[];
  hooks: readonly string[];
}

const folderName = "trust-hooks";
const recordName = "before.json";

/**
 * Puts our hooks in a folder of their own inside `.git` and points Git to it. Hooks that were in charge stay where
 * they are, untouched, and run first. Installing again brings the folder up to date.
 */
export async function installHooks(git: Git, program: HookProgram): Promise<HookStatus> {
  const folder = await hooksFolder(git);
  const record = await recordFor(git, folder);
  if (isOurs(record.effectiveBefore)) throw alreadyElsewhere(folder);
  await writeHooks(git, folder, record, program);
  await git.run(["config", "--local", "core.hooksPath", folder]);
  return hookStatus(git);
}

async function recordFor(git: Git, folder: string): Promise<Installed> {
  const local = await localPaths(git);
  if (local.length > 1) throw severalPaths();
  const [before] = local;
  if (!isOurs(before)) {
    return { version: 1, localBefore: before ?? null, effectiveBefore: (await configured(git, [])) ?? null };
  }
  // Installed before: what was in charge is on record, or, where that is lost, what the person's own settings say.
  const own = (await configured(git, ["--global"])) ?? (await configured(git, ["--system"])) ?? null;
  return (await readRecord(folder)) ?? { version: 1, localBefore: null, effectiveBefore: own };
}

/** Gives Git back what was in charge before. Says so, and changes nothing, when there is nothing of ours. */
export async function uninstallHooks(git: Git): Promise<HookStatus> {
  const folder = await hooksFolder(git);
  const record = await readRecord(folder);
  const [local] = await localPaths(git);
  if (isOurs(local)) {
    const before = record?.localBefore ?? null;
    const change = before === null ? ["--unset", "core.hooksPath"] : ["core.hooksPath", before];
    await git.run(["config", "--local", ...change]);
  }
  await rm(folder, { recursive: true, force: true });
  return hookStatus(git);
}

export async function hookStatus(git: Git): Promise<HookStatus> {
  const folder = await hooksFolder(git);
  const record = await readRecord(folder);
  const effective = await configured(git, []);
  const before = record?.effectiveBefore ?? (isOurs(effective) ? null : (effective ?? null));
  const chainsTo = await folderBefore(git, before);
  const state = await stateOf(folder, effective, record);
  return { state, folder, chainsTo, chained: await hooksIn(chainsTo), hooks: ownHooks };
}

async function stateOf(
  folder: string,
  effective: string | undefined,
  record: Installed | undefined,
): Promise<HookStatus["state"]> {
  if (!isOurs(effective)) return record === undefined ? "absent" : "shadowed";
  if (effective !== folder || record === undefined) return "stale";
  const there = new Set(await hooksIn(folder));
  return ownHooks.every((name) => there.has(name)) ? "installed" : "stale";
}

/** Also the folder of a place where the repository was before it was moved or copied. */
const isOurs = (path: string | null | undefined): boolean => typeof path === "string" && basename(path) === folderName;

/** In the common folder, so that linked work trees share it. */
async function hooksFolder(git: Git): Promise<string> {
  const common = await git.run(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
  return join(withoutNewline(common), folderName);
}

async function folderBefore(git: Git, before: string | null): Promise<string> {
  if (before !== null) return isAbsolute(before) ? before : resolve(git.root, before);
  return join(await hooksFolder(git), "..", "hooks");
}

/** The values in the repository's own file, as they are written there; none of a file that it includes. */
async function localPaths(git: Git): Promise<string[]> {
  try {
    const values = await git.run(["config", "--local", "--no-includes", "-z", "--get-all", "core.hooksPath"]);
    return values.split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** The value as Git resolves it, `~` included; undefined when it is not set. */
async function configured(git: Git, scope: readonly string[]): Promise<string | undefined> {
  try {
    const value = await git.run(["config", ...scope, "--includes", "--type=path", "--get", "core.hooksPath"]);
    return withoutNewline(value) || undefined;
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

/** A record that cannot be read counts as lost. */
async function readRecord(folder: string): Promise<Installed | undefined> {
  const file = join(folder, recordName);
  try {
    return parseJson(await readFile(file, "utf8"), Installed, file);
  } catch {
    return undefined;
  }
}

const alreadyElsewhere = (folder: string): TrustError =>
  new TrustError("GIT_FAILED", `a setting outside this repository already points Git to ${folder}`, {
    hint: "git config --show-origin core.hooksPath",
  });

const severalPaths = (): TrustError =>
  new TrustError("GIT_FAILED", "core.hooksPath is set several times in this repository's own settings", {
    hint: "git config --local --edit, and leave one",
  });
