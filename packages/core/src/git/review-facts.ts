import { setImmediate } from "node:timers/promises";

import { findSecrets } from "../privacy/secret-rules.ts";
import type { DiffLine } from "./parse-patch.ts";
import type { Git } from "./run-git.ts";
import type { StagedFile } from "./staged-diff.ts";

/** Something certain about what is staged. `block`: a commit that has it is almost surely a mistake. */
export interface Finding {
  rule: "secret" | "conflict-marker" | "do-not-commit" | "debug-leftover" | "large-file" | "not-read" | "not-shown";
  severity: "block" | "warn";
  path: string;
  /** In the new file; absent when it is about the whole file. */
  line?: number;
  text: string;
}

const largeBytes = 1_000_000;
const mostWarnings = 200;
/** As many characters tell Git whether a file is binary. */
const tellingLength = 8000;
const longestLine = 20_000;
/** Lines between two looks at the clock: what runs without a pause cannot be stopped. */
const linesAtOnce = 2000;

/**
 * The facts, found by rules and not by a model: first what should stop a commit, then the rest, each in the order of
 * the diff. Only lines that the diff adds count. Every line is looked at; where that cannot be, a finding says so.
 */
export async function reviewFacts(git: Git, files: readonly StagedFile[], signal?: AbortSignal): Promise<Finding[]> {
  const found: Finding[] = [];
  let looked = 0;
  for (const file of files) {
    const { lines, findings } = await linesOf(git, file, signal);
    found.push(...findings);
    for (const line of lines) {
      if (++looked % linesAtOnce === 0) await pause(signal);
      found.push(...lineFindings(file.path, line));
    }
  }
  const [blocking, warnings] = [found.filter(isBlocking), found.filter((one) => !isBlocking(one))];
  return [...blocking, ...warnings.slice(0, mostWarnings), ...notShown(warnings.length - mostWarnings)];
}

export const isBlocking = ({ severity }: Finding): boolean => severity === "block";

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

const notShown = (count: number): Finding[] =>
  count <= 0 ? [] : [{ rule: "not-shown", severity: "warn", path: "", text: `${count} more` }];

interface Looked {
  lines: readonly DiffLine[];
  findings: Finding[];
}

async function linesOf(git: Git, file: StagedFile, signal: AbortSignal | undefined): Promise<Looked> {
  const { path, blob, change, hunks } = file;
  if (hunks !== undefined) return { lines: addedLines(file), findings: [] };
  if (blob === undefined || change === "unmerged") return { lines: [], findings: [] };
  const size = Number(await git.run(["cat-file", "-s", blob], signal).catch(() => "0"));
  const findings = size > largeBytes ? [largeFile(path, size)] : [];
  if (size > largeBytes && !file.binary) return { lines: [], findings: [...findings, notRead(path)] };
  const text = size > largeBytes ? undefined : await hiddenText(git, blob, signal);
  return { lines: text === undefined ? [] : wholeText(text), findings };
}

/** The text of a blob that only the repository's attributes call binary. */
async function hiddenText(git: Git, blob: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const text = await git.run(["cat-file", "blob", blob], signal).catch(() => undefined);
  return text === undefined || text.slice(0, tellingLength).includes("\0") ? undefined : text;
}

const wholeText = (text: string): DiffLine[] =>
  text.split("\n").map((line, index) => ({ kind: "added", line: index + 1, text: line }));

const notRead = (path: string): Finding => ({
  rule: "not-read",
  severity: "warn",
  path,
  text: "too long to be looked at",
});

export const addedLines = ({ hunks = [] }: StagedFile): DiffLine[] =>
  hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === "added"));

const largeFile = (path: string, size: number): Finding => ({
  rule: "large-file",
  severity: "warn",
  path,
  text: `${(size / 1e6).toFixed(1)} MB`,
});

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

function lineFindings(path: string, { line, text: whole }: DiffLine): Finding[] {
  const text = whole.slice(0, longestLine);
  const cut: Finding[] =
    whole.length > longestLine
      ? [{ ...notRead(path), line, text: "only the beginning of this very long line was looked at" }]
      : [];

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
  return [...(secrets.length > 0 ? secrets : others), ...cut];
}
