import { cp } from "node:fs/promises";
import { join } from "node:path";

import { testEnvironment } from "./programs.ts";
import { runProgram } from "./run-program.ts";
import type { Task } from "./task.ts";
import { openWorkplace, overlay } from "./workplace.ts";

export interface Verdict {
  passed: boolean;
  /** The tests were ended at the task's limit. */
  timedOut: boolean;
  /** The end of what they wrote. */
  output: string;
}

/**
 * Runs the hidden tests over a copy of the repository, so that it never holds them; what stands where they go gives
 * way. The exit status of the test command alone decides.
 */
export async function judge(task: Task, repository: string, signal: AbortSignal): Promise<Verdict> {
  await using place = await openWorkplace();
  const cwd = join(place.folder, "repository");
  await cp(repository, cwd, { recursive: true });
  await overlay(join(task.folder, "tests"), cwd);
  const run = { argv: task.test, cwd, environment: testEnvironment(), seconds: task.seconds };
  const { exitCode, stopped, output } = await runProgram(run, signal);
  const passed = exitCode === 0 && stopped === undefined;
  return { passed, timedOut: stopped === "timeout", output: output.replaceAll(cwd, ".") };
}
