import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a fixture of this folder in a process of its own; it is killed when the test ends. */
export function startFixture(name: string, args: readonly string[]): Child {
  const file = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@trust-cli/source", file, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** The first text on stdout; fails with what stands on stderr when the process ends before it. */
export async function firstOutput(child: Child): Promise<string> {
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, "exit").then(() => {
    throw new Error(`the process ended: ${errors}`);
  });
  const [chunk] = (await Promise.race([once(child.stdout, "data"), ended])) as [Buffer];
  return chunk.toString();
}
