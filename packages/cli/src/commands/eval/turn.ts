import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { stripTerminalControls } from "@trust-cli/core/privacy";
import { errorKinds, type ErrorCode, noUsage, parseJson, shellWord, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { commandScript, recordsVariable } from "../../composition/locations.ts";
import type { AppFlags } from "../../composition/settings.ts";
import { withoutGit } from "./programs.ts";
import { runProgram } from "./run-program.ts";
import type { Task } from "./task.ts";

export interface TurnPlan {
  task: Task;
  /** What the model sees and changes. */
  repository: string;
  /** Takes the session, the journal and the index. */
  records: string;
  flags: AppFlags;
  prompt: string;
  /** Go on with the session of the turn before. */
  continues: boolean;
}

/** What one turn of our own program came to. */
export interface TurnEnd {
  /** As `turn-end` has it; `time-limit` too when the program had to be ended, `crash` when it ended by itself before. */
  reason: string;
  calls: number;
  promptTokens: number;
  outputTokens: number;
  error: string | undefined;
}

/** The program gets this long to end its turn by itself before it is ended. */
const graceSeconds = 60;
const secondsPerMinute = 60;

/**
 * Has the model work on the task, in a process of its own. Throws what the program said when no model could be asked,
 * since that tells nothing of the model.
 */
export async function runTurn(plan: TurnPlan, signal: AbortSignal): Promise<TurnEnd> {
  const { task, repository, records } = plan;
  const input = join(records, "prompt.txt");
  const errors = join(records, "errors.txt");
  await writeFile(input, plan.prompt);
  const fold = new TurnFold();
  const { exitCode, stopped } = await runProgram(
    {
      argv: [process.execPath, commandScript(), ...turnArguments(plan)],
      cwd: repository,
      environment: turnEnvironment(plan),
      seconds: task.turnMinutes * secondsPerMinute + graceSeconds,
      input,
      errors,
      onOutput: (text) => fold.hear(text),
    },
    signal,
  );
  if (stopped === "timeout") return { ...fold.end, reason: "time-limit" };
  if (fold.problem !== undefined) throw unasked(fold.problem);
  if (fold.isEnded) return fold.end;
  const said = (await readFile(errors, "utf8")).trim().split("\n").at(-1) ?? "";
  return { ...fold.end, reason: "crash", error: stripTerminalControls(`exit status ${exitCode}: ${said}`) };
}

const unasked = ({ code, message, hint }: Problem): TrustError =>
  new TrustError(isErrorCode(code) ? code : "MODEL_FAILED", message, { hint });

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorKinds, code);

function turnArguments({ task, repository, flags, continues }: TurnPlan): string[] {
  const allowed = ["run_tests", "run_checks", ...testCommands(task).map((command) => `run_command(${command})`)];
  const named = { model: flags.model, profile: flags.profile, "max-turns": flags.maxTurns, "max-ram": flags.maxRam };
  const values = { ...named, "max-vram": flags.maxVram, threads: flags.threads };
  return [
    "-p",
    "--output-format=stream-json",
    "--mode=edit",
    `--cwd=${repository}`,
    ...(continues ? ["--continue"] : []),
    ...Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
    ...(flags.offline === true ? ["--offline"] : []),
    ...(flags.privateHost === true ? ["--private-host"] : []),
    ...[...allowed, ...(flags.allow ?? [])].flatMap((rule) => ["--allow", rule]),
    ...(flags.deny ?? []).flatMap((rule) => ["--deny", rule]),
  ];
}

/** The test command as a model would write it for a shell. */
function testCommands({ test }: Task): string[] {
  const [shell, option, script] = test;
  const isScript = shell === "sh" && option === "-c" && script !== undefined;
  return [isScript ? script : test.map(shellWord).join(" ")];
}

function turnEnvironment({ task, records }: TurnPlan): NodeJS.ProcessEnv {
  const limits = { TRUST_LIMITS_MINUTES: String(task.turnMinutes), [recordsVariable]: records };
  return { ...withoutGit(process.env), ...limits };
}

const Problem = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });
type Problem = z.infer<typeof Problem>;

/** The events that matter here; all others pass. */
const Event = z.looseObject({
  type: z.string(),
  reason: z.string().default("done"),
  usage: z.object({ promptTokens: z.number(), outputTokens: z.number() }).default(noUsage),
  error: Problem.optional(),
});

type Event = z.infer<typeof Event>;

/** Undefined for a line that is no event: it says nothing of the turn. */
function eventOf(line: string): Event | undefined {
  try {
    return parseJson(line, Event, "an event of the turn");
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}

/** These end a turn because the model went away, not because of what it did. */
const lostModel = new Set(["MODEL_LOST", "HOST_CRASHED", "OFFLINE"]);
const isLost = ({ code }: Problem): boolean =>
  lostModel.has(code) || (isErrorCode(code) && ["missing", "usage"].includes(errorKinds[code]));

/** A fold over the lines of one turn. */
class TurnFold {
  #rest = "";
  end: TurnEnd = { reason: "error", calls: 0, promptTokens: 0, outputTokens: 0, error: undefined };
  isEnded = false;
  problem: Problem | undefined;

  hear(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = eventOf(line);
      if (event !== undefined) this.#read(event);
    }
  }

  #read({ type, reason, usage, error }: Event): void {
    if (type === "tool-end") this.end.calls++;
    if (type === "error") this.problem = error;
    if (type !== "turn-end") return;
    this.isEnded = true;
    const { promptTokens, outputTokens } = usage;
    this.end = {
      ...this.end,
      reason,
      promptTokens,
      outputTokens,
      error: error && stripTerminalControls(error.message),
    };
    if (error !== undefined && isLost(error)) this.problem = error;
  }
}
