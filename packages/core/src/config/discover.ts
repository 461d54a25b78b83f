import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";

import { TrustError } from "../protocol/errors.ts";

/** A settings file as it lies on disk. */
export interface SettingsFile {
  file: string;
  text: string;
}

/** Where a repository's own settings may lie. `ignored` takes a notice for each file that lies elsewhere. */
export interface Confinement {
  root: string;
  ignored: string[];
}

const largestFileBytes = 1024 * 1024;
const extensions = [".json", ".yaml", ".yml"];
const userPlaces = extensions.map((extension) => `config${extension}`);
const projectPlaces = [
  ...extensions.map((extension) => join(".trust", `config${extension}`)),
  ".trustrc",
  ".trustrc.json",
  ".trustrc.yaml",
  ".trustrc.yml",
];

/*
 * Found by hand and read as text. Cosmiconfig, the usual choice, takes options from `package.json` and runs
 * `.config/config.js` of the current folder before it looks at anything: a cloned repository would run code.
 */

export function findUserFile(folder: string): SettingsFile | undefined {
  return firstOf(folder, userPlaces);
}

/** The nearest project file from `cwd` up to the root of its repository; without one, only in `cwd`. */
export function findProjectFile(cwd: string, ignored: string[]): SettingsFile | undefined {
  const root = projectRoot(cwd);
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = firstOf(folder, projectPlaces, { root, ignored });
    if (found !== undefined || folder === root) return found;
  }
}

/**
 * The administrator's file. One that others than the owner of the machine may write locks nothing and is refused.
 */
export function findManagedFile(folder: string): SettingsFile | undefined {
  const found = firstOf(
    folder,
    extensions.map((extension) => `managed${extension}`),
  );
  if (found === undefined || process.platform === "win32") return found;
  for (const path of [found.file, folder]) {
    const { uid, mode } = statSync(path);
    if (uid === 0 && (mode & 0o022) === 0) continue;
    throw new TrustError("CONFIG_UNREADABLE", `${path} must belong to root and be writable by nobody else`, {
      hint: `sudo chown root ${path} && sudo chmod go-w ${path}`,
    });
  }
  return found;
}

/** A profile: `profiles/NAME.{json,yaml,yml}` in `folder`. */
export function findProfile(folder: string, name: string, within?: Confinement): SettingsFile | undefined {
  const places = extensions.map((extension) => `${name}${extension}`);
  return firstOf(join(folder, "profiles"), places, within);
}

/** The root of the repository that holds `cwd`; without one, `cwd` itself. */
export const projectRoot = (cwd: string): string => repositoryRoot(cwd) ?? cwd;

function repositoryRoot(folder: string): string | undefined {
  if (statSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryRoot(parent);
}

function firstOf(folder: string, places: readonly string[], within?: Confinement): SettingsFile | undefined {
  for (const place of places) {
    const file = join(folder, place);
    const text = readSettingsText(file, within);
    if (text !== undefined) return { file, text };
  }
  return undefined;
}

/** Only regular files: a folder of that name holds no settings, and a pipe would never end. */
function readSettingsText(file: string, within: Confinement | undefined): string | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return undefined;
    // The path without links, so that what was checked is what is read.
    const real = realpathSync(file);
    if (within !== undefined && !isBelow(realpathSync(within.root), real)) {
      within.ignored.push(`${file} is a link that leads out of the project: ignored`);
      return undefined;
    }
    if (stats.size > largestFileBytes) throw unreadable(file, "it is larger than 1 MiB");
    return readFileSync(real, "utf8");
  } catch (cause) {
    if (cause instanceof TrustError) throw cause;
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return undefined;
    throw unreadable(file, code || (cause as Error).message, cause);
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return !isAbsolute(way) && way.split(sep)[0] !== "..";
}

const unreadable = (file: string, reason: string, cause?: unknown): TrustError =>
  new TrustError("CONFIG_UNREADABLE", `${file} cannot be read: ${reason}`, {
    hint: "check the file and its rights, or move it away",
    cause,
  });
