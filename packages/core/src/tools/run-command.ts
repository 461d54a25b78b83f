import * as z from "zod";

import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { failure, ok, TrustError } from "../protocol/errors.ts";
import { commandEnvironment, runShell, type ShellEnd, systemCode } from "../workspace/index.ts";
import { CommandOutput } from "./command-output.ts";
import type { ToolDependencies } from "./dependencies.ts";
import type { ToolLimits } from "./limits.ts";
import { failed } from "./outcome.ts";

const Input = z.strictObject({ command: z.string().min(1) });
type Input = z.infer<typeof Input>;

/** Characters of output that a person sees as it comes; a result has its own, smaller limit. */
const shownLive = 1_000_000;

export function runCommandTool({ workspace, limits }: ToolDependencies): Tool<Input> {
  const cwd = workspace.root;
  return {
    name: "run_command",
    description: "Run a shell command",
    risk: "command",
    input: Input,
    subject: ({ command }) => command,
    prepare: async ({ command }) => {
      if (command.includes("\0")) {
        return failure(new TrustError("INPUT_INVALID", "the command contains a NUL character"));
      }
      return ok({
        preview: { kind: "command", command, cwd },
        run: (signal, onOutput) => run({ command, cwd, limits, onOutput }, signal),
      });
    },
  };
}

interface CommandRun {
  command: string;
  cwd: string;
  limits: ToolLimits;
  onOutput: (delta: string) => void;
}

async function run({ command, cwd, limits, onOutput }: CommandRun, signal: AbortSignal): Promise<ToolOutcome> {
  const output = new CommandOutput(limits.commandOutputBytes);
  const show = firstCharacters(shownLive, onOutput);
  const collect = (text: string): void => {
    output.push(text);
    show(text);
  };
  const environment = commandEnvironment(process.env);
  try {
    const seconds = limits.commandSeconds;
    const ended = await runShell({ command, cwd, environment, seconds, onOutput: collect }, signal);
    return outcome(ended, output.text(limits), seconds);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined) throw cause;
    return failed(new TrustError("TOOL_FAILED", `the shell could not be started: ${code}`, { cause }));
  }
}

function outcome({ exitCode, stopped, outputHeld }: ShellEnd, output: string, seconds: number): ToolOutcome {
  const notes = {
    timeout: `error: the command was stopped after ${seconds} seconds`,
    abort: "error: interrupted by the person",
  };
  const first = stopped === undefined ? `exit code ${exitCode}` : notes[stopped];
  const last = outputHeld ? "(a process that it started goes on in the background)" : "";
  const text = [first, output, last].filter((part) => part !== "").join("\n");
  if (stopped === undefined)
    return { status: exitCode === 0 ? "ok" : "failed", text, summary: `exit code ${exitCode}` };
  return { status: "failed", text, summary: stopped === "timeout" ? "timed out" : "interrupted" };
}

/** Passes on so many characters and then a note, so that endless output does not fill the memory. */
function firstCharacters(limit: number, onOutput: (delta: string) => void): (text: string) => void {
  let left = limit;
  return (text) => {
    if (left <= 0 || text === "") return;
    onOutput(text.slice(0, left));
    left -= text.length;
    if (left <= 0) onOutput("\n... further output is not shown ...\n");
  };
}
