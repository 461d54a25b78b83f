import { cp } from "node:fs/promises";
import { join } from "node:path";

import { stripTerminalControls } from "@trust-cli/core/privacy";
import { exitStatus } from "@trust-cli/core/protocol";

import { loadSettings } from "../../composition/settings.ts";
import { writeNotice, writeText } from "../../print/output.ts";
import { printResult } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { statusLine } from "../model/status-line.ts";
import { judge, type Verdict } from "./judge.ts";
import { toolchainFinder } from "./programs.ts";
import { openSuite, type Selection } from "./suite.ts";
import { requireFolder, type Task } from "./task.ts";
import { openWorkplace, overlay } from "./workplace.ts";

interface Checked {
  task: string;
  status: "right" | "wrong" | "skipped";
  /** What is wrong, or missing. */
  why: string;
}

/** `trust eval check`: proves that each task's tests fail without its solution and pass with it. */
export async function checkSuite(options: Selection): Promise<number> {
  const settings = await loadSettings(options);
  const suite = await openSuite(options, settings.workspace.root);
  using interrupt = interruptSignal();
  const missingFor = toolchainFinder(interrupt.signal);
  const checked: Checked[] = [];
  {
    using line = statusLine();
    for (const [index, task] of suite.tasks.entries()) {
      line.show(`${index + 1} of ${suite.tasks.length}  ${task.id}`);
      const missing = await missingFor(task);
      const result: Checked =
        missing.length > 0
          ? { task: task.id, status: "skipped", why: `no ${missing.join(", ")}` }
          : await checkTask(task, interrupt.signal);
      checked.push(result);
      line[Symbol.dispose]();
      if (options.json !== true) writeText(`${result.status.padEnd(8)} ${result.task}  ${result.why}`.trimEnd() + "\n");
    }
  }
  const count = (status: Checked["status"]): number => checked.filter((one) => one.status === status).length;
  const totals = { right: count("right"), wrong: count("wrong"), skipped: count("skipped") };
  if (totals.skipped > 0) writeNotice(`Skipped ${totals.skipped} of ${checked.length} tasks: they are not proven here`);
  printResult(options.json, { ...totals, tasks: checked }, () => `${totals.right} of ${checked.length} are right\n`);
  return totals.wrong === 0 ? exitStatus.done : exitStatus.failed;
}

async function checkTask(task: Task, signal: AbortSignal): Promise<Checked> {
  await requireFolder(task.folder, "solution");
  const before = await judge(task, join(task.folder, "repository"), signal);
  if (before.passed) return { task: task.id, status: "wrong", why: "the tests pass without the solution" };
  await using place = await openWorkplace();
  const solved = join(place.folder, "repository");
  await cp(join(task.folder, "repository"), solved, { recursive: true });
  await overlay(join(task.folder, "solution"), solved);
  const after = await judge(task, solved, signal);
  if (!after.passed) return { task: task.id, status: "wrong", why: failureOf(after) };
  return { task: task.id, status: "right", why: "" };
}

const failureOf = ({ timedOut, output }: Verdict): string =>
  `the tests ${timedOut ? "hang" : "fail"} with the solution:\n${stripTerminalControls(output).trim()}`;
