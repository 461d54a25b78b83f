import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";

import { type Cli, commandOf, environmentFor } from "./cli-locator.ts";

/** A running `trust acp`. */
export interface AgentProcess extends Disposable {
  input: WritableStream<Uint8Array>;
  output: ReadableStream<Uint8Array>;
  /** Resolves with the reason when the program has ended or could not be started; never rejects. */
  ended: Promise<string>;
}

const graceMilliseconds = 2000;

export function startAgentProcess(cli: Cli, cwd: string, log: (line: string) => void): AgentProcess {
  const { file, shell } = commandOf(cli.path);
  const env = environmentFor(cli.path, process.env);
  const child = spawn(file, ["acp"], { cwd, env, shell, windowsHide: true, stdio: "pipe" });
  createInterface({ input: child.stderr }).on("line", log);
  // A write after the end is answered by `ended`; without a listener it would be an exception.
  child.stdin.on("error", () => {});
  return {
    input: Writable.toWeb(child.stdin) as WritableStream<Uint8Array>,
    output: Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
    ended: endOf(child),
    [Symbol.dispose]: () => stop(child),
  };
}

function endOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (status, signal) =>
      resolve(signal === null ? `ended with status ${status}` : `was ended by ${signal}`),
    );
  });
}

/** The end of its input asks the agent to leave; what does not leave is ended. */
function stop(child: ChildProcessWithoutNullStreams): void {
  child.stdin.destroy();
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMilliseconds);
  timer.unref();
  child.once("exit", () => clearTimeout(timer));
}
