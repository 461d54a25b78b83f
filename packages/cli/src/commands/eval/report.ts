import { solvedAt, type TaskResult } from "./results.ts";
import type { Task } from "./task.ts";

export interface Skipped {
  task: Task;
  /** Programs that are not on this machine. */
  missing: readonly string[];
}

/** How many were solved at the first attempt, and at any. */
interface Score {
  tasks: number;
  first: number;
  solved: number;
}

export interface Totals extends Score {
  skipped: number;
  seconds: number;
  calls: number;
  promptTokens: number;
  outputTokens: number;
  byLanguage: Record<string, Score>;
  byKind: Record<string, Score>;
}

export function totalsOf(results: readonly TaskResult[], skipped: readonly Skipped[]): Totals {
  return {
    ...scoreOf(results),
    skipped: skipped.length,
    ...effortOf(results),
    byLanguage: scoresBy(results, ({ language }) => language),
    byKind: scoresBy(results, ({ kind }) => kind),
  };
}

const scoreOf = (results: readonly TaskResult[]): Score => ({
  tasks: results.length,
  first: results.filter((result) => solvedAt(result) === 1).length,
  solved: results.filter((result) => solvedAt(result) !== undefined).length,
});

function effortOf(results: readonly TaskResult[]) {
  const attempts = results.flatMap((result) => result.attempts);
  const sum = (key: "seconds" | "calls" | "promptTokens" | "outputTokens"): number =>
    attempts.reduce((total, attempt) => total + attempt[key], 0);
  return {
    seconds: Math.round(sum("seconds") * 10) / 10,
    calls: sum("calls"),
    promptTokens: sum("promptTokens"),
    outputTokens: sum("outputTokens"),
  };
}

function scoresBy(results: readonly TaskResult[], key: (result: TaskResult) => string): Record<string, Score> {
  const groups = Map.groupBy(results, key);
  return Object.fromEntries([...groups].map(([name, group]) => [name, scoreOf(group)]));
}

export const tableHead = (width: number): string =>
  row(width, ["task", "language", "kind", "result", "s", "calls", "tokens"]);

/** One finished task. `width` is that of the first column. */
export function resultLine(result: TaskResult, width: number): string {
  const { seconds, calls, promptTokens, outputTokens } = effortOf([result]);
  const { task, language, kind } = result;
  const figures = [seconds.toFixed(1), String(calls), String(promptTokens + outputTokens)];
  return row(width, [task, language, kind, resultText(result), ...figures]);
}

/** A task that did not run is neither solved nor failed. */
export const skippedLine = ({ task: { id, language, kind }, missing }: Skipped, width: number): string =>
  row(width, [id, language, kind, `skipped: no ${missing.join(", ")}`]);

function resultText(result: TaskResult): string {
  const at = solvedAt(result);
  if (at !== undefined) return at === 1 ? "solved" : `solved at ${at}`;
  const last = result.attempts.at(-1);
  if (last?.test === "timeout") return "test timeout";
  return last === undefined || last.reason === "done" ? "failed" : `failed: ${last.reason}`;
}

function row(width: number, [task = "", language = "", kind = "", result = "", ...figures]: readonly string[]): string {
  const [seconds = "", calls = "", tokens = ""] = figures.map((text) => text.padStart(8));
  const words = `${task.padEnd(width)}  ${language.padEnd(10)}  ${kind.padEnd(10)}  ${result.padEnd(18)}`;
  return `${words}${seconds}${calls}${tokens}`.trimEnd() + "\n";
}

/** `attempts` is how many each task could have. */
export function totalsText(totals: Totals, attempts: number): string {
  const lines = [
    "",
    ...Object.entries({ ...totals.byLanguage, ...totals.byKind }).map(([name, score]) =>
      scoreLine(name, score, attempts),
    ),
    scoreLine("all", totals, attempts),
    `${totals.seconds.toFixed(1)} s, ${totals.calls} calls, ${totals.promptTokens} tokens read, ${totals.outputTokens} written`,
  ];
  if (totals.skipped > 0) lines.push(`${totals.skipped} skipped: their programs are not on this machine`);
  return `${lines.join("\n")}\n`;
}

function scoreLine(name: string, { tasks, first, solved }: Score, attempts: number): string {
  const later = attempts > 1 ? `, ${share(solved, tasks)} after ${attempts} attempts` : "";
  return `${name.padEnd(12)} ${share(first, tasks)} at the first attempt${later}`;
}

const share = (part: number, whole: number): string =>
  `${part}/${whole} (${whole === 0 ? 0 : Math.round((100 * part) / whole)} %)`;
