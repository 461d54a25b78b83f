import { basename } from "node:path";

import { parseListing } from "./parse-listing.ts";
import { type DiffHunk, parsePatch } from "./parse-patch.ts";
import type { Git } from "./run-git.ts";

type ChangeKind = "added" | "modified" | "deleted" | "renamed" | "copied" | "retyped" | "unmerged";

/** One file of the index that differs from the last commit. Counts are lines. */
export interface StagedFile {
  path: string;
  /** Of a renamed or copied file. */
  oldPath?: string;
  change: ChangeKind;
  added: number;
  deleted: number;
  binary: boolean;
  /** Written by a tool, as lock files are: nobody reads its lines. */
  generated: boolean;
  /** The blob that will be committed; undefined for a deleted file. */
  blob: string | undefined;
  /** Absent where the lines were not read: binary, generated, or too long. */
  hunks?: DiffHunk[];
}

/** More than a person reads, and little enough for any machine. */
const longestFile = 5000;
const mostFiles = 500;

const diffOptions = [
  "--cached",
  "-M",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--no-relative",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "--submodule=short",
  "--ignore-submodules=none",
];

/** What would be committed now, also before the first commit. Reads the index, and leaves it as it is. */
export async function readStagedDiff(git: Git, signal?: AbortSignal): Promise<StagedFile[]> {
  const listing = await git.run(["diff", ...diffOptions, "--raw", "--no-abbrev", "--numstat", "-z"], signal);
  const files = parseListing(listing).map(({ status, ...change }): StagedFile => ({
    ...change,
    change: kinds[status] ?? "modified",
    generated: isGenerated(change.path),
  }));
  const readable = files.filter(isReadable).slice(0, mostFiles);
  if (readable.length > 0) await readLines(git, readable, signal);
  return files;
}

const isReadable = ({ binary, generated, change, added, deleted }: StagedFile): boolean =>
  !binary && !generated && change !== "unmerged" && added + deleted <= longestFile;

async function readLines(git: Git, files: readonly StagedFile[], signal: AbortSignal | undefined): Promise<void> {
  const paths = files.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [oldPath, path]));
  const args = ["--literal-pathspecs", "diff", ...diffOptions, "--patch", "-U3", "--", ...paths];
  const sections = parsePatch(await git.run(args, signal));
  let next = 0;
  for (const file of files) {
    // A file that became a link is written as one that goes and one that comes.
    const own = sections.slice(next, next + (file.change === "retyped" ? 2 : 1));
    next += own.length;
    file.hunks = own.flat();
  }
}

const kinds: Readonly<Record<string, ChangeKind>> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "retyped",
  U: "unmerged",
};

const lockFiles = new Set([
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "deno.lock",
  "Cargo.lock",
  "composer.lock",
  "Gemfile.lock",
  "poetry.lock",
  "uv.lock",
  "Pipfile.lock",
  "go.sum",
  "flake.lock",
  "gradle.lockfile",
  "packages.lock.json",
  "Podfile.lock",
  "mix.lock",
]);

const isGenerated = (path: string): boolean =>
  lockFiles.has(basename(path)) || /\.(min\.(js|css)|map|snap)$/.test(path);

export const isLockFile = (path: string): boolean => lockFiles.has(basename(path));
