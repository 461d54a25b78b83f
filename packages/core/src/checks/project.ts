import { accessSync, constants, type Dirent, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, posix, sep } from "node:path";

import { slashes } from "../workspace/index.ts";

const isWindows = sep === "\\";
const mostBytes = 1_000_000;
const mostFiles = 5000;
/** Folders that hold no code of the project's own. */
const foreign = new Set([
  "node_modules",
  "vendor",
  "target",
  "dist",
  "build",
  "out",
  "venv",
  "__pycache__",
  "bin",
  "obj",
]);

/** Reads what a project uses and what is installed, as it is now: for one call.  Folders are relative to the root, with `/`; the root is `.`. */
export class Project {
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #files = new Map<string, string[]>();

  constructor(root: string, environment: NodeJS.ProcessEnv) {
    this.root = root;
    this.environment = environment;
  }

  has(folder: string, name: string): boolean {
    return existsSync(join(this.root, folder, name));
  }

  /** Empty when there is no such file, or a very large one. */
  text(folder: string, name: string): string {
    const path = join(this.root, folder, name);
    try {
      return statSync(path).size > mostBytes ? "" : readFileSync(path, "utf8");
    } catch {
      return "";
    }
  }

  isFolder(path: string): boolean {
    try {
      return statSync(join(this.root, path)).isDirectory();
    } catch {
      return false;
    }
  }

  /** A program of the nearest `node_modules`, as called from the folder. */
  nodeProgram(folder: string, name: string): string | undefined {
    const file = isWindows ? `${name}.cmd` : name;
    const owner = foldersUp(folder).find((one) => this.has(one, `node_modules/.bin/${file}`));
    return owner === undefined ? undefined : programWord(folder, posix.join(owner, "node_modules/.bin", file));
  }

  /** A program of the nearest virtual environment, of the active one, or on PATH, as called from the folder. */
  pythonProgram(folder: string, name: string): string | undefined {
    const bin = isWindows ? "Scripts" : "bin";
    const file = isWindows ? `${name}.exe` : name;
    for (const owner of foldersUp(folder)) {
      const found = [".venv", "venv"].find((one) => this.has(owner, `${one}/${bin}/${file}`));
      if (found !== undefined) return programWord(folder, posix.join(owner, found, bin, file));
    }
    const active = this.environment["VIRTUAL_ENV"];
    if (active !== undefined && existsSync(join(active, bin, file))) return join(active, bin, file);
    return this.pathProgram(name);
  }

  /** The name, when a folder of PATH has such a program. */
  pathProgram(name: string): string | undefined {
    const folders = (this.environment["PATH"] ?? this.environment["Path"] ?? "").split(delimiter).filter(isAbsolute);
    const endings = isWindows ? [".exe", ".cmd", ".bat"] : [""];
    return folders.some((folder) => endings.some((ending) => isProgram(join(folder, name + ending))))
      ? name
      : undefined;
  }

  /** Files below a folder, from the root, without those of others; the first ones when there are very many. */
  files(folder: string): readonly string[] {
    const known = this.#files.get(folder) ?? this.#walk(folder);
    this.#files.set(folder, known);
    return known;
  }

  #walk(folder: string): string[] {
    const found: string[] = [];
    const waiting = [folder];
    for (let next = waiting.shift(); next !== undefined && found.length < mostFiles; next = waiting.shift()) {
      for (const entry of entriesOf(join(this.root, next))) {
        const path = posix.join(next, entry.name);
        if (entry.isFile()) found.push(path);
        else if (entry.isDirectory() && !entry.name.startsWith(".") && !foreign.has(entry.name)) waiting.push(path);
      }
    }
    return found.slice(0, mostFiles);
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function programWord(folder: string, program: string): string {
  const word = seenFrom(folder, program);
  return isWindows ? word.replaceAll("/", "\\") : word;
}

/** A folder and those above it up to the root, nearest first. */
export function foldersUp(folder: string): string[] {
  const up = [posix.normalize(folder)];
  for (let last = up[0]; last !== undefined && last !== ".";) {
    last = posix.dirname(last);
    up.push(last);
  }
  return up;
}

/** A path from the root, as it is called from a folder; never to be taken for an option. */
export function seenFrom(folder: string, path: string): string {
  const seen = posix.relative(folder, path);
  if (seen === "") return ".";
  return seen.startsWith("-") ? `./${seen}` : seen;
}

export const isInside = (folder: string, path: string): boolean =>
  folder === "." || path === folder || path.startsWith(`${folder}/`);

/** Finds the path from the root of what a tool that ran in `folder` named; undefined for what is not the project's. */
export function createLocate(root: string, folder: string): (named: string) => string | undefined {
  return (named) => {
    const path = slashes(named.replace(/^file:\/\//, ""));
    for (const from of isAbsolute(named) || path.startsWith("/") ? ["."] : foldersUp(folder)) {
      const absolute = path.startsWith("/") || isAbsolute(path) ? path : posix.join(slashes(root), from, path);
      const inside = posix.relative(slashes(root), absolute);
      const isOurs =
        inside !== "" && !inside.startsWith("..") && !/(^|\/)(node_modules|site-packages|\.venv|venv)\//.test(inside);
      if (isOurs && existsSync(join(root, inside))) return inside;
    }
    return undefined;
  };
}
