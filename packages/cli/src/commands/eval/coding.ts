import { resolve } from "node:path";

import { exitStatus, TrustError } from "@trust-cli/core/protocol";

import { loadSettings, type Settings } from "../../composition/settings.ts";
import { writeNotice, writeText } from "../../print/output.ts";
import { interruptSignal } from "../interrupt.ts";
import { statusLine } from "../model/status-line.ts";
import { toolchainFinder } from "./programs.ts";
import { resultLine, type Skipped, skippedLine, tableHead, totalsOf, totalsText } from "./report.ts";
import { ResultsFile, type Run, type TaskResult } from "./results.ts";
import { runTask } from "./run-task.ts";
import { openSuite, type Selection, type Suite } from "./suite.ts";
import type { Task } from "./task.ts";

export type CodingOptions = Selection & { attempts: number; out?: string };

/** `trust eval coding`: status 0 when all tasks were judged, however many were solved. */
export async function evalCoding(options: CodingOptions): Promise<number> {
  if (options.mode !== undefined) {
    throw new TrustError("USAGE", "tasks always run in mode edit", { hint: "leave out --mode" });
  }
  const settings = await loadSettings(options);
  for (const notice of settings.resolved.notices) writeNotice(notice);
  const suite = await openSuite(options, settings.workspace.root);
  using interrupt = interruptSignal();
  const { ready, skipped } = await withToolchains(suite.tasks, interrupt.signal);
  const run = { suite: suite.digest, model: settings.config.model, attemptsAllowed: options.attempts };
  const plan = { run, ready, options: { ...options, model: modelFor(settings) } };
  const { results, resumed } = await runAll(plan, tableOf(suite, options), interrupt.signal);
  const totals = totalsOf(results, skipped);
  if (options.json === true) writeJson({ suite, run, resumed, results, skipped, totals });
  else
    writeText(skipped.map((one) => skippedLine(one, widthOf(suite))).join("") + totalsText(totals, options.attempts));
  return exitStatus.done;
}

/** A path is relative to where the person is, and a task runs elsewhere. */
function modelFor({ config, workspace }: Settings): string {
  return /\.gguf$/i.test(config.model) ? resolve(workspace.root, config.model) : config.model;
}

/** The tasks that can be judged here. The others are told on stderr at once. */
async function withToolchains(
  tasks: readonly Task[],
  signal: AbortSignal,
): Promise<{ ready: Task[]; skipped: Skipped[] }> {
  const missingFor = toolchainFinder(signal);
  const ready: Task[] = [];
  const skipped: Skipped[] = [];
  for (const task of tasks) {
    const missing = await missingFor(task);
    if (missing.length === 0) ready.push(task);
    else skipped.push({ task, missing });
  }
  const programs = new Set(skipped.flatMap(({ missing }) => missing));
  if (skipped.length > 0) {
    writeNotice(
      `Skipping ${skipped.length} of ${tasks.length} tasks: not on this machine: ${[...programs].join(", ")}`,
    );
  }
  return { ready, skipped };
}

interface RunPlan {
  run: Run;
  ready: readonly Task[];
  options: CodingOptions;
}

/** Those that the results file knows already come first and do not run again. */
async function runAll(
  { run, ready, options }: RunPlan,
  onResult: (result: TaskResult) => void,
  signal: AbortSignal,
): Promise<{ results: TaskResult[]; resumed: number }> {
  const file = options.out === undefined ? undefined : new ResultsFile(resolve(options.cwd ?? "", options.out));
  const known = new Map((await file?.open(run))?.map((result) => [result.task, result]));
  const results: TaskResult[] = [];
  const resumed = ready.filter(({ id }) => known.has(id)).length;
  if (resumed > 0) writeNotice(`${resumed} of ${ready.length} tasks are in ${options.out} already`);
  using line = statusLine();
  for (const [index, task] of ready.entries()) {
    const onStep = (text: string): void => line.show(`${index + 1} of ${ready.length}  ${text}`);
    const before = known.get(task.id);
    const result = before ?? {
      ...run,
      ...namesOf(task),
      attempts: await runTask(task, { flags: options, attempts: options.attempts, onStep }, signal),
    };
    if (before === undefined) await file?.append(result);
    results.push(result);
    line[Symbol.dispose]();
    for (const { error } of result.attempts) if (error !== undefined) writeNotice(`${task.id}: ${error}`);
    onResult(result);
  }
  return { results, resumed };
}

const namesOf = ({ id, language, kind }: Task) => ({ task: id, language, kind });

const widthOf = ({ tasks }: Suite): number => Math.max(...tasks.map(({ id }) => id.length));

/** Writes a row for each result as it comes; with --json nothing. */
function tableOf(suite: Suite, { json }: CodingOptions): (result: TaskResult) => void {
  if (json === true) return () => undefined;
  const width = widthOf(suite);
  writeText(tableHead(width));
  return (result) => writeText(resultLine(result, width));
}

interface Told {
  suite: Suite;
  run: Run;
  resumed: number;
  results: readonly TaskResult[];
  skipped: readonly Skipped[];
  totals: ReturnType<typeof totalsOf>;
}

function writeJson({ suite, run, resumed, results, skipped, totals }: Told): void {
  const value = {
    suite: { name: suite.name, digest: suite.digest },
    model: run.model,
    attempts: run.attemptsAllowed,
    resumed,
    tasks: results.map(({ task, language, kind, attempts }) => ({ task, language, kind, attempts })),
    skipped: skipped.map(({ task, missing }) => ({ ...namesOf(task), missing })),
    totals,
  };
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
