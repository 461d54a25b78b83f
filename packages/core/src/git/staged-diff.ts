import { basename } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import { type ListedChange, parseListing } from "./parse-listing.ts";
import { type DiffHunk, parsePatch, type PatchSection } from "./parse-patch.ts";
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
  /** As Git sees it: also what is very large, and what the repository's attributes call so. */
  binary: boolean;
  /** Written by a tool, as lock files are: no person reads its lines. */
  generated: boolean;
  /** The blob that will be committed; undefined for a deleted file. */
  blob: string | undefined;
  /** Absent where there are no lines to read: binary, unmerged, or more than can be held. */
  hunks?: DiffHunk[];
}

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
const patchOptions = ["--patch", "-U3", "--inter-hunk-context=0", "--full-index"];

/**
 * What would be committed now, also before the first commit. Reads the index, and leaves it as it is. One command lists
 * the files and gives their lines, so that both see the same renames.
 */
export async function readStagedDiff(git: Git, signal?: AbortSignal): Promise<StagedFile[]> {
  const listing = ["--raw", "--no-abbrev", "--numstat", "-z"];
  const whole = await outputOf(git, [...listing, ...patchOptions], signal);
  const output = whole ?? (await git.run(["diff", ...diffOptions, ...listing], signal));
  const { changes, end } = parseListing(output);
  return withLines(changes, parsePatch(output.slice(end)));
}

/** Undefined when it is more text than a program can hold. */
async function outputOf(git: Git, options: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
  try {
    return await git.run(["diff", ...diffOptions, ...options], signal);
  } catch (error) {
    const { cause } = error as Error;
    if (error instanceof TrustError && /string longer than|Invalid string length/i.test(String(cause)))
      return undefined;
    throw error;
  }
}

function withLines(changes: readonly ListedChange[], sections: readonly PatchSection[]): StagedFile[] {
  let next = 0;
  return changes.map(({ status, ...listed }) => {
    const change = kinds[status] ?? "modified";
    const file: StagedFile = { ...listed, change, generated: isGenerated(listed.path) };
    if (change === "unmerged") return file;
    // A file that became a link is written as one that goes and one that comes.
    const own = sections.slice(next, next + (change === "retyped" ? 2 : 1));
    next += own.length;
    return file.binary || !areOf(file, own) ? file : { ...file, hunks: own.flatMap(({ hunks }) => hunks) };
  });
}

/** The patch has no exact names: its blobs tell whether a section is of this file. */
function areOf({ blob }: StagedFile, sections: readonly PatchSection[]): boolean {
  const last = sections.at(-1);
  return last !== undefined && (last.blob === undefined || blob === undefined || last.blob === blob);
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
