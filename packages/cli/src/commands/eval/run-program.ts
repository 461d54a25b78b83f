import { shellWord, TrustError } from "@trust-cli/core/protocol";
import { runShell, type ShellEnd } from "@trust-cli/core/workspace";

export interface ProgramRun {
  argv: readonly string[];
  cwd: string;
  environment: NodeJS.ProcessEnv;
  seconds: number;
  /** Files for its streams. Without `errors` they come to `onOutput` with the rest. */
  input?: string;
  errors?: string;
  onOutput?: (text: string) => void;
}

export interface ProgramEnd extends Pick<ShellEnd, "exitCode" | "stopped"> {
  /** The end of what it wrote. */
  output: string;
}

const keptOutput = 64 * 1024;

/**
 * Runs a program to its end in a process group that ends with it. Throws what the signal was aborted with; a time
 * limit is `stopped`. Throws PROGRAM_MISSING when there is no shell.
 */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramEnd> {
  let output = "";
  const onOutput = (text: string): void => {
    output = (output + text).slice(-keptOutput);
    run.onOutput?.(text);
  };
  const { cwd, environment, seconds } = run;
  try {
    const shell = { command: commandText(run), cwd, environment, seconds, onOutput, leavesNothing: true } as const;
    const { exitCode, stopped } = await runShell(shell, signal);
    signal.throwIfAborted();
    return { exitCode, stopped, output };
  } catch (cause) {
    signal.throwIfAborted();
    const [program = ""] = run.argv;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TrustError("PROGRAM_MISSING", `${program} could not be started: ${why}`, { cause });
  }
}

function commandText({ argv, input, errors }: ProgramRun): string {
  const from = input === undefined ? "" : ` < ${word(input)}`;
  const to = errors === undefined ? "" : ` 2> ${word(errors)}`;
  return argv.map(word).join(" ") + from + to;
}

const word = (text: string): string =>
  process.platform === "win32" ? `"${text.replaceAll('"', String.raw`\"`)}"` : shellWord(text);
