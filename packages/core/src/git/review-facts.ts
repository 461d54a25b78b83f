import { findSecrets } from "../privacy/secret-rules.ts";
import type { DiffLine } from "./parse-patch.ts";
import type { Git } from "./run-git.ts";
import type { StagedFile } from "./staged-diff.ts";

/** Something certain about what is staged. `block`: a commit that has it is almost surely a mistake. */
export interface Finding {
  rule: "secret" | "conflict-marker" | "do-not-commit" | "debug-leftover" | "large-file" | "not-read";
  severity: "block" | "warn";
  path: string;
  /** In the new file; absent when it is about the whole file. */
  line?: number;
  text: string;
}

const largeBytes = 1_000_000;
const mostFindings = 200;

/** The facts, found by rules and not by a model, in the order of the diff. Only lines that the diff adds count. */
export async function reviewFacts(git: Git, files: readonly StagedFile[], signal?: AbortSignal): Promise<Finding[]> {
  const found: Finding[] = [];
  const sizes = await largeBlobs(git, files, signal);
  for (const file of files) {
    const size = file.blob === undefined ? undefined : sizes.get(file.blob);
    if (size !== undefined) found.push(largeFile(file.path, size));
    if (file.hunks === undefined && !file.binary && !file.generated && file.change !== "unmerged") {
      found.push({ rule: "not-read", severity: "warn", path: file.path, text: "too long to be looked at" });
    }
    for (const line of addedLines(file)) found.push(...lineFindings(file.path, line));
    if (found.length > mostFindings) return found.slice(0, mostFindings);
  }
  return found;
}

export const addedLines = ({ hunks = [] }: StagedFile): DiffLine[] =>
  hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === "added"));

const largeFile = (path: string, size: number): Finding => ({
  rule: "large-file",
  severity: "warn",
  path,
  text: `${(size / 1e6).toFixed(1)} MB`,
});

/** One question to Git for all blobs that could be large. */
async function largeBlobs(
  git: Git,
  files: readonly StagedFile[],
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const blobs = files
    .filter(({ hunks, blob }) => hunks === undefined && blob !== undefined)
    .map(({ blob }) => blob ?? "");
  const sizes = new Map<string, number>();
  for (const blob of new Set(blobs.slice(0, mostFindings))) {
    const size = Number(await git.run(["cat-file", "-s", blob], signal).catch(() => "0"));
    if (size > largeBytes) sizes.set(blob, size);
  }
  return sizes;
}

interface LineRule {
  rule: Finding["rule"];
  severity: Finding["severity"];
  form: RegExp;
  /** The rule is for files with such names only. */
  files?: RegExp;
}

const script = /\.[cm]?[jt]sx?$|\.vue$|\.svelte$/;
const lineRules: readonly LineRule[] = [
  { rule: "conflict-marker", severity: "block", form: /^(?:<{7} |>{7} |\|{7} )/ },
  { rule: "do-not-commit", severity: "block", form: /\b(?:NOCOMMIT|DO NOT COMMIT|DONOTCOMMIT)\b/ },
  {
    rule: "debug-leftover",
    severity: "warn",
    form: /^\s*debugger;?\s*$|\bconsole\.(?:log|debug|trace)\(/,
    files: script,
  },
  {
    rule: "debug-leftover",
    severity: "warn",
    form: /\b(?:describe|it|test)\.only\(|\bfdescribe\(|\bfit\(/,
    files: script,
  },
  {
    rule: "debug-leftover",
    severity: "warn",
    form: /\bpdb\.set_trace\(\)|^\s*breakpoint\(\)/,
    files: /\.py$/,
  },
  { rule: "debug-leftover", severity: "warn", form: /\bdbg!\(/, files: /\.rs$/ },
  { rule: "debug-leftover", severity: "warn", form: /\bbinding\.(?:pry|irb)\b|^\s*byebug\b/, files: /\.rb$/ },
  { rule: "debug-leftover", severity: "warn", form: /\b(?:var_dump|dd)\(/, files: /\.php$/ },
  { rule: "debug-leftover", severity: "warn", form: /\.printStackTrace\(\)/, files: /\.(?:java|kt)$/ },
];

const shownText = 120;

function lineFindings(path: string, { line, text }: DiffLine): Finding[] {
  const secrets = findSecrets(text).map(({ name, shown }): Finding => ({
    rule: "secret",
    severity: "block",
    path,
    line,
    text: `${name} ${shown}`,
  }));
  const others = lineRules
    .filter(({ form, files }) => form.test(text) && (files === undefined || files.test(path)))
    .map(({ rule, severity }): Finding => ({ rule, severity, path, line, text: text.trim().slice(0, shownText) }));
  // A line with a secret in it is not shown by another rule either.
  return secrets.length > 0 ? secrets : others;
}
