import { existsSync, realpathSync } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";

import { failure, ok, type Result, TrustError } from "../protocol/errors.ts";
import { fileError, oneLine, systemCode } from "./file-errors.ts";

/**
 * A place inside the workspace, free of symbolic links when it was resolved. `path` is absolute; use nothing
 * else to reach the file. `name` is the path from the root with `/`, for people, models and rules; the root is `.`.
 */
export interface ResolvedPath {
  readonly path: string;
  readonly name: string;
  readonly kind: "file" | "directory" | "missing";
}

/** The folder that Trust works in, and the only way from a path that a model wrote to a file. */
export interface Workspace {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /**
   * Fails with PATH_OUTSIDE when the path leads out of the root by any way, and for writes into `.git`;
   * with FILE_FAILED for links that lead nowhere and for devices, sockets and pipes.
   */
  resolve(path: string, purpose: "read" | "write"): Promise<Result<ResolvedPath>>;
  /** The place for writing that has exactly this name: no `~` and no backslash in it means anything else. */
  resolveName(name: string): Promise<Result<ResolvedPath>>;
  /** What rules and cards call this path: the name of what it leads to now; absolute when that is outside. */
  nameOf(path: string): string;
}

/**
 * Throws FILE_FAILED when `directory` is not a directory that can be opened. Nothing is written into `kept` folders, even
 * where they lie inside: they hold what decides over the model, such as settings and approvals.
 */
export async function openWorkspace(directory: string, kept: readonly string[] = []): Promise<Workspace> {
  const root = await realDirectory(directory);
  const place = async (place: Place): Promise<Result<ResolvedPath>> => {
    try {
      return ok(await confine({ root, kept }, place));
    } catch (error) {
      return failure(fileError(error, place.shown, place.purpose));
    }
  };
  return {
    root,
    resolve: (path, purpose) => place({ shown: path, absolute: absolutePath(root, path), purpose }),
    resolveName: (name) => place({ shown: name, absolute: resolve(root, name), purpose: "write" }),
    nameOf: (path) => {
      const absolute = absolutePath(root, path);
      const real = nearestRealPath(absolute);
      return isInside(root, real) ? nameInside(root, real) : slashes(real);
    },
  };
}

async function realDirectory(directory: string): Promise<string> {
  try {
    const root = await realpath(directory);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    throw fileError(error, directory, "read");
  }
  throw new TrustError("FILE_FAILED", `${directory} is not a directory`, { hint: "Name a folder: --cwd DIR" });
}

interface Limits {
  root: string;
  kept: readonly string[];
}

/** A path that somebody asked for, as written and as it is meant. */
interface Place {
  shown: string;
  absolute: string;
  purpose: "read" | "write";
}

async function confine({ root, kept }: Limits, { shown, absolute, purpose }: Place): Promise<ResolvedPath> {
  if (shown.includes("\0")) throw new TrustError("INPUT_INVALID", "the path contains a NUL character");
  const real = await realPath(absolute, shown);
  if (!isInside(root, real)) throw outside(shown, "it leads outside the workspace");
  const name = nameInside(root, real);
  if (purpose === "write" && isGitInternal(name)) {
    throw outside(shown, "files inside .git are changed only by git itself");
  }
  if (purpose === "write" && kept.some((folder) => isInside(nearestRealPath(folder), real))) {
    throw outside(shown, "Trust's own settings and data are changed only by its own commands");
  }
  return { path: real, name, kind: await kindOf(real, name) };
}

function outside(path: string, reason: string): TrustError {
  return new TrustError("PATH_OUTSIDE", `${path} is not allowed: ${reason}`, {
    hint: "Use a path below the working directory, such as src/app.ts",
  });
}

/** `~` is the home folder. Backslashes are separators, except where a file with that very name exists. */
function absolutePath(root: string, path: string): string {
  const expanded = /^~(?=$|[\\/])/.test(path) ? homedir() + path.slice(1) : path;
  if (sep === "\\") return resolve(root, expanded);
  if (/^[A-Za-z]:[\\/]/.test(expanded)) return `/${expanded.replaceAll("\\", "/")}`;
  const literal = resolve(root, expanded);
  return !literal.includes("\\") || existsSync(literal) ? literal : resolve(root, expanded.replaceAll("\\", "/"));
}

/** The real path of the nearest existing parent, and the missing rest below it. */
async function realPath(absolute: string, shown: string): Promise<string> {
  try {
    // Not realpathSync or callback realpath: they misread links whose target holds `..` behind another link.
    return await realpath(absolute);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
  if (await isLink(absolute)) {
    throw new TrustError("FILE_FAILED", `${oneLine(shown)} is a symbolic link to something that does not exist`, {
      hint: "Name the file that it should lead to",
    });
  }
  return join(await realPath(dirname(absolute), shown), absolute.slice(dirname(absolute).length));
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

function nearestRealPath(absolute: string): string {
  try {
    return realpathSync.native(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(nearestRealPath(parent), absolute.slice(parent.length));
  }
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

const nameInside = (root: string, path: string): string => (path === root ? "." : slashes(relative(root, path)));

/** As rules and models write it. Elsewhere than on Windows a backslash is part of a name. */
export const slashes = (path: string): string => (sep === "\\" ? path.replaceAll("\\", "/") : path);

/** Also `.GIT`, which is the same folder on file systems that fold case, and the Windows short name. */
const isGitInternal = (name: string): boolean => name.split("/").some((part) => /^(\.git|git~1)[. ]*$/i.test(part));

async function kindOf(path: string, name: string): Promise<ResolvedPath["kind"]> {
  try {
    const stats = await lstat(path);
    if (stats.isFile()) return "file";
    if (stats.isDirectory()) return "directory";
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "missing";
    throw error;
  }
  throw new TrustError("FILE_FAILED", `${oneLine(name)} is neither a file nor a directory (a pipe, socket or device)`, {
    hint: "Name a file; list_directory shows those that are there",
  });
}
