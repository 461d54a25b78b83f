import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Words as people ask for code. */
export const questions = [
  "where is a path resolved",
  "read configuration file",
  "parse date string",
  "event listener removed",
  "createHash digest",
  "abort signal timeout",
  "escape html entities",
  "retry failed request",
  "sort array by key",
  "stream backpressure drain",
  "token expired",
  "unicode normalize",
  "validate schema error",
  "open database transaction",
  "source map offset",
  "worker thread message",
];

const modules = join(import.meta.dirname, "..", "..", "node_modules");
const sources = /\.[mc]?[jt]sx?$/;
const minified = /[.-]min\./;
/** Bytes of the files of a usual repository: neither stubs of a line nor what bundlers wrote. */
const usualLeast = 1_000;
const most = 60_000;

export interface Enough {
  files?: number;
  lines?: number;
  /** Bytes of the smallest file. */
  least?: number;
}

export interface Repository {
  files: string[];
  lines: number;
  megabytes: number;
}

/** Copies sources of the installed packages, evenly chosen, until there are so many files or lines. */
export function copySources(
  target: string,
  { files = Infinity, lines = Infinity, least = usualLeast }: Enough,
): Repository {
  const all = sourcesOf(least);
  const step = Math.max(1, all.length / files);
  const repository: Repository = { files: [], lines: 0, megabytes: 0 };
  const isEnough = (): boolean => repository.files.length >= files || repository.lines >= lines;
  for (let copy = 0; !isEnough(); copy++) {
    for (let at = 0; at < all.length && !isEnough(); at += step) {
      addCopy(join(target, `copy-${copy}`), all[Math.floor(at)] ?? "", repository);
    }
  }
  return repository;
}

/** Folders of other people's code are not read, so they get other names. */
function addCopy(target: string, name: string, repository: Repository): void {
  const file = join(target, name.replaceAll(/node_modules|vendor|third_party/g, "packages"));
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(join(modules, name), file);
  const bytes = readFileSync(file);
  for (const byte of bytes) if (byte === 10) repository.lines++;
  repository.megabytes += bytes.length / 1e6;
  repository.files.push(file);
}

function sourcesOf(least: number): string[] {
  return readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && sources.test(entry.name) && !minified.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => statSync(file).size >= least && statSync(file).size <= most)
    .map((file) => file.slice(modules.length + 1))
    .sort();
}
