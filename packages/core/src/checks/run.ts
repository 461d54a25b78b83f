import { commandEnvironment, runShell } from "../workspace/index.ts";
import type { PlannedRun } from "./plan.ts";
import { createLocate } from "./project.ts";

const mostOutput = 16_000_000;
const mostErrors = 200_000;

/** Package managers then use what is there: a check fetches nothing. */
const offline = {
  GOPROXY: "off",
  GOTOOLCHAIN: "local",
  CARGO_NET_OFFLINE: "true",
  npm_config_offline: "true",
  PIP_NO_INDEX: "1",
  CI: "1",
};

export interface RunPlace {
  root: string;
  environment: NodeJS.ProcessEnv;
  seconds: number;
  /** What is written for people, as it comes. */
  onOutput?: ((text: string) => void) | undefined;
  /** Our own end does not wait for it. */
  isBackground?: true;
}

/** Runs a tool and reads its report. Rejects on abort, and with the system's error when there is no shell. */
export async function runPlanned<Report extends { problem?: string }>(
  { tool, folder, command }: PlannedRun<Report>,
  { root, environment, seconds, onOutput, isBackground }: RunPlace,
  signal: AbortSignal,
): Promise<Report> {
  let stdout = "";
  let stderr = "";
  const collect = (text: string, from: "stdout" | "stderr"): void => {
    if (from === "stderr" || tool.isReadable === true) onOutput?.(text);
    if (from === "stdout") stdout += stdout.length < mostOutput ? text : "";
    else stderr = stderr.length > mostErrors ? stderr.slice(-mostErrors / 2) + text : stderr + text;
  };
  const startedAt = Date.now();
  const settings = { ...commandEnvironment(environment), ...offline };
  const how = { leavesNothing: true, ...(isBackground === undefined ? {} : { isBackground }) } as const;
  const shell = { command, cwd: root, environment: settings, seconds, onOutput: collect, ...how };
  const ended = await runShell(shell, signal);
  signal.throwIfAborted();
  const locate = createLocate(root, folder);
  const report = tool.parse({ stdout, stderr, exitCode: ended.exitCode, folder, root, startedAt, locate });
  return ended.stopped === undefined ? report : { ...report, problem: `stopped after ${seconds} seconds` };
}
