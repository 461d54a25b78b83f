import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, onTestFinished, test } from "vitest";

import { CommandOutput } from "../../src/tools/command-output.ts";
import { commandEnvironment } from "../../src/workspace/command-environment.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { toolBench } from "./tool-bench.ts";

/** Whether a process still runs; one that ended but was not collected does not. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && isRunning(pid); attempt += 1) await delay(50);
  return !isRunning(pid);
}

describe.skipIf(process.platform === "win32")("run_command", () => {
  test("gives exit code and output of both streams, and shows the command and where it runs", async () => {
    const root = temporaryFolder();
    const answer = await (await toolBench(root))("run_command", { command: "pwd; echo problem >&2; exit 3" });
    expect(answer.text).toMatch(/^exit code 3\n/);
    expect(answer.text).toContain(root);
    expect(answer.text).toContain("problem");
    expect(answer).toMatchObject({ status: "failed", summary: "exit code 3" });
    expect(answer.preview).toEqual({ kind: "command", command: "pwd; echo problem >&2; exit 3", cwd: root });
  });

  test.each([
    ["true", "exit code 0"],
    ["kill -9 $$", "exit code 137"],
    ["cat", "exit code 0"],
    ["no-such-program-here 2>/dev/null", "exit code 127"],
    ["printf 'a\\377b'", "exit code 0\na\uFFFDb"],
  ])("%s", async (command, text) => {
    expect((await (await toolBench(temporaryFolder()))("run_command", { command })).text).toBe(text);
  });

  test("when Trust itself is killed, the command and what it started end too", async () => {
    const script = join(import.meta.dirname, "fixtures", "run-a-command.ts");
    const trust = spawn(process.execPath, [
      "--conditions=@trust-cli/source",
      script,
      "sleep 60 & echo $!; echo $$; wait",
    ]);
    const printed: string[] = [];
    trust.stdout.setEncoding("utf8").on("data", (text: string) => printed.push(text));
    const pids = (): number[] => printed.join("").trim().split("\n").map(Number);
    for (let attempt = 0; attempt < 200 && pids().length < 2; attempt += 1) await delay(25);
    expect(pids().map(isRunning)).toEqual([true, true]);
    trust.kill("SIGKILL");
    expect(await Promise.all(pids().map(ended))).toEqual([true, true]);
  });

  test("streams while it runs", async () => {
    const { streamed } = await (await toolBench(temporaryFolder()))("run_command", { command: "echo a; echo b" });
    expect(streamed).toBe("a\nb\n");
  });

  test("refuses a NUL character", async () => {
    const answer = await (await toolBench(temporaryFolder()))("run_command", { command: "echo \0" });
    expect(answer.status).toBe("not prepared");
  });

  test("at the time limit ends the whole group, also children that ignore the request to end", async () => {
    const root = temporaryFolder();
    const stubborn = "trap '' TERM; echo $BASHPID > child.pid; while true; do sleep 0.1; done";
    const call = await toolBench(root, { commandSeconds: 1 });
    const answer = await call("run_command", { command: `(${stubborn}) & echo begun; wait` });
    expect(answer).toMatchObject({ status: "failed", summary: "timed out" });
    expect(answer.text).toBe("error: the command was stopped after 1 seconds\nbegun");
    expect(await ended(Number(readFileSync(join(root, "child.pid"), "utf8")))).toBe(true);
  });

  test("kills a shell that itself ignores the request to end", async () => {
    const call = await toolBench(temporaryFolder(), { commandSeconds: 0.3 });
    const answer = await call("run_command", { command: "trap '' TERM; while true; do sleep 0.1; done" });
    expect(answer.summary).toBe("timed out");
  });

  test("an abort ends grandchildren", async () => {
    const root = temporaryFolder();
    const controller = new AbortController();
    const call = await toolBench(root);
    const running = call("run_command", { command: "bash -c 'sleep 1000 & echo $! > child.pid; wait'" }, controller);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if (execFileSync("ls", [root], { encoding: "utf8" }).includes("child.pid")) break;
      await delay(20);
    }
    await delay(50);
    controller.abort();
    expect(await running).toMatchObject({ status: "failed", summary: "interrupted" });
    expect(await ended(Number(readFileSync(join(root, "child.pid"), "utf8")))).toBe(true);
  });

  test("does not begin when it was interrupted before", async () => {
    const root = temporaryFolder();
    const call = await toolBench(root);
    const answer = await call("run_command", { command: "touch done" }, { signal: AbortSignal.abort() });
    expect(answer.summary).toBe("interrupted");
    expect(readdirSync(root)).toEqual([]);
  });

  test("returns while a process in the background holds the output", async () => {
    const root = temporaryFolder();
    const answer = await (await toolBench(root))("run_command", { command: "sleep 1000 & echo $! | tee child.pid" });
    const pid = Number(readFileSync(join(root, "child.pid"), "utf8"));
    onTestFinished(() => void process.kill(pid));
    expect(answer.text).toBe(`exit code 0\n${pid}\n(a process that it started goes on in the background)`);
    expect(isRunning(pid)).toBe(true);
  });

  test("keeps the first and the last of a long output and says what is missing", async () => {
    const call = await toolBench(temporaryFolder(), { commandOutputBytes: 1000, resultLines: 10_000 });
    const { text } = await call("run_command", { command: "seq 1 100000" });
    expect(text).toMatch(/^exit code 0\n1\n2\n/);
    expect(text).toMatch(/\n\.\.\. \d+ bytes left out \.\.\.\n/);
    expect(text).toMatch(/99999\n100000$/);
    expect(text.length).toBeLessThan(1100);
    const few = await toolBench(temporaryFolder(), { resultLines: 9 });
    const { text: short } = await few("run_command", { command: "seq 1 100" });
    expect(short).toMatch(/^exit code 0\n1\n2\n3\n\.\.\. 91 lines left out;.*\n95\n96\n97\n98\n99\n100$/);
  });

  test("survives endless output", async () => {
    const call = await toolBench(temporaryFolder(), { commandSeconds: 1 });
    const { summary, streamed, text } = await call("run_command", { command: "yes" });
    expect(summary).toBe("timed out");
    expect(streamed.length).toBeLessThan(1_100_000);
    expect(streamed).toMatch(/further output is not shown/);
    expect(text.length).toBeLessThan(40_000);
  });
});

test("the middle that is left out is counted to the byte", () => {
  const output = new CommandOutput(10);
  for (let index = 0; index < 100; index += 1) output.push("abc");
  const text = output.text({ resultLines: 100, lineColumns: 100 });
  expect(text).toBe("abcab\n... 290 bytes left out ...\nbcabc");
});

test("commands do not see what looks like a secret, and know that nobody can answer them", () => {
  const secret = {
    GITHUB_TOKEN: "x",
    AWS_SECRET_ACCESS_KEY: "x",
    OPENAI_API_KEY: "x",
    npm_config__authToken: "x",
    DB_PASS: "x",
    pgpassword: "x",
    DATABASE_URL: "postgres://me:word@host/db",
  };
  const plain = {
    PATH: "/bin",
    HOME: "/h",
    LANG: "C",
    PWD: "/h",
    KEYBOARD: "us",
    SSH_AUTH_SOCK: "/s",
    PROXY: "http://p:8080",
  };
  const seen = commandEnvironment({ ...secret, ...plain, TERM: "xterm" });
  expect(seen).toMatchObject({ ...plain, TERM: "dumb", PAGER: "cat" });
  for (const name of Object.keys(secret)) expect(seen).not.toHaveProperty(name);
});

test.skipIf(process.platform === "win32")(
  "a command that is too long for the system is a mistake that the model can read",
  async () => {
    const answer = await (
      await toolBench(temporaryFolder())
    )("run_command", { command: `echo ${"x".repeat(5_000_000)}` });
    expect(answer).toMatchObject({ status: "failed", text: "error: the shell could not be started: E2BIG" });
  },
);
