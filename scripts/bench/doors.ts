import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { alternate, type Benchmark, timeProgram } from "./benchmark.ts";
import { scratchHome, trustProgram } from "./scratch.ts";

const rounds = 11;

/** A repository with one commit and a diff of about a hundred lines that is staged. */
function repository(folder: string): string {
  const root = join(folder, "repository");
  mkdirSync(join(root, "src"), { recursive: true });
  const git = (...args: string[]): Buffer => execFileSync("git", args, { cwd: root, stdio: "pipe" });
  git("init", "-q");
  git("config", "user.email", "ada@example.org");
  git("config", "user.name", "Ada");
  const line = (index: number): string => `export const price${index} = (items: number): number => items * ${index};\n`;
  const text = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, at) => line(from + at)).join("");
  writeFileSync(join(root, "src", "prices.ts"), text(0, 50));
  git("add", "-A");
  git("commit", "-qm", "one");
  writeFileSync(join(root, "src", "prices.ts"), text(0, 150));
  git("add", "-A");
  return root;
}

const checkOnly: Benchmark = {
  name: "hook",
  async run() {
    using home = scratchHome();
    const root = repository(home.folder);
    const hook = (): Promise<number> => timeProgram([trustProgram, "hook", "pre-commit"], home.env, root);
    await hook();
    const { ours, theirs } = await alternate(rounds, hook, () => timeProgram(["-e", "0"], home.env, root));
    const against = { name: "node -e 0", value: theirs };
    return [{ name: "pre-commit hook, no model", value: ours, unit: "ms", against, goal: 150 }];
  },
};

const message: Benchmark = {
  name: "commit-message",
  async run() {
    using home = scratchHome();
    const root = repository(home.folder);
    const args = [trustProgram, "commit", "--dry-run"];
    await timeProgram(args, home.env, root);
    const { ours, theirs } = await alternate(
      5,
      () => timeProgram(args, home.env, root),
      () => timeProgram(["-e", "0"], home.env, root),
    );
    const against = { name: "node -e 0", value: theirs };
    return [{ name: "message for 100 lines, host started", value: ours, unit: "ms", against, goal: 2000 }];
  },
};

/** Milliseconds from the start of the agent to its answer to `initialize`. */
function timeInitialize(env: Record<string, string>, cwd: string): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [trustProgram, "acp"], { cwd, env: { ...process.env, ...env } });
    child.on("error", reject);
    child.stdout.once("data", () => {
      resolve(performance.now() - began);
      child.stdin.end();
    });
    const request = { jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: 1 } };
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });
}

const editor: Benchmark = {
  name: "acp",
  async run() {
    using home = scratchHome();
    await timeInitialize(home.env, home.folder);
    const { ours, theirs } = await alternate(
      rounds,
      () => timeInitialize(home.env, home.folder),
      () => timeProgram(["-e", "0"], home.env),
    );
    const against = { name: "node -e 0", value: theirs };
    return [{ name: "acp: start to initialize", value: ours, unit: "ms", against, goal: 250 }];
  },
};

export const doorBenchmarks: readonly Benchmark[] = [checkOnly, message, editor];
