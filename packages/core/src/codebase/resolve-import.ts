import { posix } from "node:path";

import type { ImportAliases } from "./import-aliases.ts";

const endings = [
  "", ".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".py", ".pyi", ".rs", ".rb", ".php",
  ".sh", ".h", ".hpp", ".vue", ".svelte",
  "/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/__init__.py", "/mod.rs", "/lib.rs", "/main.rs",
]; // prettier-ignore
/** A source of TypeScript is imported by the name that it will have when it is compiled. */
const compiled = /\.(?:[mc]?js|jsx)$/;
/** Endings of files whose imports the configuration of TypeScript explains. */
const script = /^\.(?:[mc]?[jt]sx?|vue|svelte)$/;
/** A folder of Go or Java is imported as one. */
const mostOfFolder = 12;
const fewestSegments = 2;

interface NamedPath {
  path: string;
  /** Of its ending: earlier ones are meant rather. */
  rank: number;
}

/** Finds which files of the workspace an import names, for any language: by relative path, else by the longest end of a path. */
export class PathFinder {
  /** By all that a path may be written as: without its ending, or as the folder whose index it is. */
  readonly #byBase = new Map<string, NamedPath>();
  /** By the last segment without its ending: for `a/b/index.ts` that is `b`. */
  readonly #byStem = new Map<string, string[]>();
  readonly #byFolder = new Map<string, string[]>();
  readonly #found = new Map<string, readonly string[]>();
  readonly #aliases: ImportAliases | undefined;

  constructor(paths: readonly string[], aliases?: ImportAliases) {
    this.#aliases = aliases;
    for (const path of paths) {
      this.#addBases(path);
      add(this.#byStem, segmentsOf(path).at(-1) ?? "", path);
      const folder = posix.dirname(path);
      if (folder !== ".") add(this.#byFolder, posix.basename(folder), path);
    }
  }

  /** `from` as it is written in the file `importer`. Empty when it leads out of the workspace or nowhere. */
  find(from: string, importer: string): readonly string[] {
    const folder = posix.dirname(importer);
    const key = `${folder}\n${posix.extname(importer)}\n${from}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = this.#lookUp(from.replaceAll(/^["'<]+|[>"';]+$/g, "").trim(), folder, posix.extname(importer));
    const others = found.filter((path) => path !== importer);
    this.#found.set(key, others);
    return others;
  }

  #lookUp(from: string, folder: string, extension: string): readonly string[] {
    if (from === "") return [];
    const relative = relativePath(from, folder, extension);
    if (relative !== undefined) return this.#exactly(relative);
    const named = this.#byAlias(from, folder, extension);
    if (named.length > 0) return named;
    const beside = this.#exactly(posix.join(folder, from));
    if (beside.length > 0 && (from.includes("/") || from.includes("."))) return beside;
    return this.#byEnd(importSegments(from), folder, extension);
  }

  #addBases(path: string): void {
    for (const [rank, ending] of endings.entries()) {
      if (!path.endsWith(ending)) continue;
      const base = path.slice(0, path.length - ending.length);
      if ((this.#byBase.get(base)?.rank ?? Infinity) > rank) this.#byBase.set(base, { path, rank });
    }
  }

  #byAlias(from: string, folder: string, extension: string): readonly string[] {
    const meanings = script.test(extension) ? (this.#aliases?.meanings(from, folder) ?? []) : [];
    for (const path of meanings) {
      const found = this.#exactly(path);
      if (found.length > 0) return found;
    }
    return [];
  }

  #exactly(path: string): readonly string[] {
    const base = path.replace(/\/$/, "");
    const found = this.#byBase.get(base) ?? this.#byBase.get(base.replace(compiled, ""));
    return found === undefined ? [] : [found.path];
  }

  /** `a::b::Name` and `a.b.Name` may name what lies in a file as well as the file, so the last segment may be left out. */
  #byEnd(segments: readonly string[], folder: string, extension: string): readonly string[] {
    for (const wanted of [segments, segments.slice(0, -1)]) {
      const last = wanted.at(-1);
      if (last === undefined) continue;
      const files = best(this.#byStem.get(last) ?? [], wanted, { folder, extension });
      if (files.length > 0) return files.slice(0, 1);
      const inFolder = (this.#byFolder.get(last) ?? []).filter((path) => posix.extname(path) === extension);
      const whole = best(inFolder, [...wanted, "*"], { folder, extension });
      if (whole.length > 0) return whole.slice(0, mostOfFolder);
    }
    return [];
  }
}

function add(map: Map<string, string[]>, key: string, path: string): void {
  const paths = map.get(key);
  if (paths === undefined) map.set(key, [path]);
  else paths.push(path);
}

/** The path that a relative import means; undefined for one that is not relative. */
function relativePath(from: string, folder: string, extension: string): string | undefined {
  if (/^\.{1,2}(?:\/|$)/.test(from)) return posix.join(folder, from);
  const python = extension === ".py" || extension === ".pyi" ? /^(\.+)(.*)$/.exec(from) : null;
  if (python === null) return undefined;
  const up = "../".repeat((python[1] ?? ".").length - 1);
  return posix.join(folder, up, (python[2] ?? "").replaceAll(".", "/"));
}

/** `a/b`, `a.b`, `a::b` and `a\b` as their parts; what stands for the project itself is left out. */
function importSegments(from: string): readonly string[] {
  const separator = /[/\\]/.test(from) ? /[/\\]/ : /::|\./;
  const segments = from.replace(/\.(?:h|hpp|hh|rb|py|php|sh|[mc]?[jt]sx?)$/, "").split(separator);
  return segments.filter(
    (segment) => segment !== "" && isNamed(segment) && !/^(?:crate|self|super|@|~|\*)$/.test(segment),
  );
}

/** The segments of a path without its ending, where an index file stands for its folder. */
function segmentsOf(path: string): string[] {
  const segments = path.replace(/\.[^./]+$/, "").split("/");
  const last = segments.pop() ?? "";
  const folders = segments.filter(isNamed);
  return folders.length > 0 && /^(?:index|__init__|mod|lib)$/.test(last) ? folders : [...folders, last];
}

const folderSegments = (path: string): string[] => path.split("/").slice(0, -1).filter(isNamed);

/** Folders that imports do not name. */
const isNamed = (segment: string): boolean => segment !== "src" && segment !== "lib" && segment !== "source";

interface Importer {
  folder: string;
  extension: string;
}

/** Those of the paths whose ends have most segments in common with what is wanted; nearer ones first. */
function best(paths: readonly string[], wanted: readonly string[], importer: Importer): readonly string[] {
  const isFolder = wanted.at(-1) === "*";
  let most = 0;
  let found: string[] = [];
  for (const path of paths) {
    const segments = isFolder ? [...folderSegments(path), "*"] : segmentsOf(path);
    const count = commonEnd(segments, wanted);
    if (count > most) [most, found] = [count, []];
    if (count === most) found.push(path);
  }
  const fitting = most < fewestSegments ? found.filter((path) => isNear(path, importer)) : found;
  const nearness = (path: string): number => commonStart(path, importer.folder);
  return fitting.sort((a, b) => nearness(b) - nearness(a) || a.length - b.length || (a < b ? -1 : 1));
}

/** A single name is rather a package than a file of the workspace: only a file below the importer's folder is believed. */
function isNear(path: string, { folder, extension }: Importer): boolean {
  return !/^\.[mc]?[jt]sx?$/.test(extension) && (folder === "." || path.startsWith(`${folder}/`));
}

function commonEnd(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}

function commonStart(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}
