import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { stripTerminalControls } from "@trust-cli/core/privacy";

import type { AppFlags } from "../../composition/settings.ts";
import { judge, type Verdict } from "./judge.ts";
import type { Attempt } from "./results.ts";
import type { Task } from "./task.ts";
import { runTurn, type TurnPlan } from "./turn.ts";
import { copyRepository, openWorkplace } from "./workplace.ts";

/** As much of what the tests said as a small window can take. */
const shownCharacters = 2000;
const millisecondsPerSecond = 1000;

/** Has the model work on a task until its tests pass or its attempts are used up; one entry for each attempt. */
export async function runTask(
  task: Task,
  options: { flags: AppFlags; attempts: number; onStep: (text: string) => void },
  signal: AbortSignal,
): Promise<Attempt[]> {
  await using place = await openWorkplace();
  const repository = join(place.folder, task.id);
  const records = join(place.folder, "records");
  await mkdir(records);
  await copyRepository(join(task.folder, "repository"), repository, signal);
  const plan = { task, repository, records, flags: options.flags };
  const attempts: Attempt[] = [];
  let prompt = task.prompt;
  while (attempts.length < options.attempts) {
    const continues = attempts.length > 0;
    options.onStep(`${task.id}: attempt ${attempts.length + 1}`);
    const { attempt, verdict } = await runAttempt({ ...plan, prompt, continues }, signal);
    attempts.push(attempt);
    if (verdict.passed) break;
    prompt = failureText(task, verdict);
  }
  return attempts;
}

async function runAttempt(plan: TurnPlan, signal: AbortSignal): Promise<{ attempt: Attempt; verdict: Verdict }> {
  const began = performance.now();
  const { reason, calls, promptTokens, outputTokens, error } = await runTurn(plan, signal);
  const seconds = Math.round((performance.now() - began) / 100) / (millisecondsPerSecond / 100);
  const verdict = await judge(plan.task, plan.repository, signal);
  const test = verdict.passed ? "passed" : verdict.timedOut ? "timeout" : "failed";
  const counted = { test, reason, seconds, calls, promptTokens, outputTokens } as const;
  return { attempt: error === undefined ? counted : { ...counted, error }, verdict };
}

/** What a colleague would paste: the end of what the tests wrote. */
function failureText({ seconds }: Task, { timedOut, output }: Verdict): string {
  const what = timedOut ? `The tests were still running after ${seconds} s and were ended` : "The tests fail";
  const said = stripTerminalControls(output).trim().slice(-shownCharacters);
  return `${what}. The end of their output:\n\n${said}\n\nFind the cause in the code and fix it.`;
}
