import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  callTool,
  type FakeOpenAiServer,
  fakeOpenAiServer,
  say,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import {
  buildProgram,
  type Finished,
  type Home,
  type RunOptions,
  scratchHome,
  startTrust,
  trust,
} from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

let home: Home;
let suite: TemporaryWorkspace;
/** Where the runs put their temporary folders. */
let scratch: string;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  suite = await temporaryWorkspace();
  scratch = mkdtempSync(join(tmpdir(), "trust-eval-test-"));
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await suite[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

interface TaskText {
  test?: readonly string[];
  seconds?: number;
  /** The hidden test, a shell script. */
  check?: string;
  /** More lines of `task.yaml`. */
  more?: string;
}

const usual = ["sh", "evaluation/check.sh"];

/** A task whose tests want `answer.txt` to hold 42. */
async function addTask(id: string, { test: argv = usual, seconds = 30, check, more = "" }: TaskText = {}) {
  const head = `id: ${id}\nlanguage: javascript\nkind: fix\nprompt: Put 42 into answer.txt.\n`;
  await suite.write(`${id}/task.yaml`, `${head}test: ${JSON.stringify(argv)}\nseconds: ${seconds}\n${more}`);
  await suite.write(`${id}/repository/answer.txt`, "41\n");
  await suite.write(`${id}/solution/answer.txt`, "42\n");
  const wanted = 'echo "the answer is $(cat answer.txt), not 42"; test "$(cat answer.txt)" = 42\n';
  await suite.write(`${id}/tests/evaluation/check.sh`, check ?? wanted);
}

const started = (args: readonly string[], env: Record<string, string> = {}): RunOptions & { args: string[] } => ({
  args: ["eval", ...args, "--suite", suite.path],
  home,
  cwd: "/",
  env: { TMPDIR: scratch, ...env },
});

const run = (args: readonly string[], env?: Record<string, string>): Promise<Finished> => {
  const { args: words, ...options } = started(args, env);
  return trust(words, options);
};

const coding = (server: FakeOpenAiServer, ...args: string[]): Promise<Finished> =>
  run(["coding", "-m", server.url, ...args]);

const edit = (to: string) => callTool("edit_file", { path: "answer.txt", old_text: "41", new_text: to });
const solves = [callTool("read_file", { path: "answer.txt" }), edit("42"), say("Done.")];
const givesUp = [say("That is right as it is.")];

const asked = ({ requests }: FakeOpenAiServer): string[] =>
  requests.filter(({ path }) => path.endsWith("/completions")).map(({ body }) => JSON.stringify(body));

/** What the compiler of Node keeps there is no folder of ours. */
const leftBehind = (): string[] => readdirSync(scratch).filter((name) => name.startsWith("trust-"));

/** Waits until the process whose id is in the file is gone; it goes soon after it was killed. */
async function ended(file: string): Promise<void> {
  const pid = Number(readFileSync(file, "utf8"));
  await waitUntil("the end of what the test started", () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
}

describe("trust eval coding", () => {
  test("judges by the tests alone, and skips loudly what this machine cannot run", async () => {
    await addTask("a-solved");
    await addTask("b-not-solved");
    await addTask("c-not-here", { test: ["no-such-program-here", "test"] });
    await using server = await fakeOpenAiServer([...solves, ...givesUp]);
    const { status, stdout, stderr } = await coding(server);
    expect(status).toBe(0);
    expect(stderr).toBe("Skipping 1 of 3 tasks: not on this machine: no-such-program-here\n");
    expect(stdout).toMatch(/^a-solved +javascript +fix +solved +\d+\.\d +2 +\d+$/m);
    expect(stdout).toMatch(/^b-not-solved +javascript +fix +failed +\d+\.\d +0 +\d+$/m);
    expect(stdout).toMatch(/^c-not-here +javascript +fix +skipped: no no-such-program-here$/m);
    expect(stdout).toContain("all          1/2 (50 %) at the first attempt\n");
    expect(stdout).toContain("1 skipped");
    expect(leftBehind()).toEqual([]);
  });

  test("gives everything as one object with --json", async () => {
    await addTask("a-solved");
    await addTask("b-not-here", { test: ["no-such-program-here"] });
    await using server = await fakeOpenAiServer(solves);
    const { stdout } = await coding(server, "--json");
    const attempt = expect.objectContaining({ test: "passed", reason: "done", calls: 2 });
    expect(parseUnknownJson(stdout, "stdout")).toMatchObject({
      suite: { name: suite.path, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      model: server.url,
      tasks: [{ task: "a-solved", language: "javascript", kind: "fix", attempts: [attempt] }],
      skipped: [{ task: "b-not-here", missing: ["no-such-program-here"] }],
      totals: { tasks: 1, first: 1, solved: 1, skipped: 1, byLanguage: { javascript: { tasks: 1, first: 1 } } },
    });
  });

  test("cannot be deceived by a model that writes the test's own file", async () => {
    await addTask("forged");
    const forged = callTool("write_file", { path: "evaluation/check.sh", content: "exit 0\n" });
    await using server = await fakeOpenAiServer([forged, say("All tests pass.")]);
    const { stdout } = await coding(server);
    expect(stdout).toMatch(/^forged .* failed /m);
  });

  test("replaces a folder that stands where a test goes", async () => {
    await addTask("blocked");
    const blocking = callTool("write_file", { path: "evaluation/check.sh/x", content: "\n" });
    await using server = await fakeOpenAiServer([blocking, edit("42"), say("Done.")]);
    expect((await coding(server)).stdout).toMatch(/^blocked .* solved /m);
  });

  test("shows the failing test to the second attempt, in the same conversation, and still hides the tests", async () => {
    await addTask("second");
    const look = callTool("find_files", { pattern: "**/*.sh" });
    await using server = await fakeOpenAiServer([edit("43"), say("Done."), look, edit2(), say("Now.")]);
    const { stdout } = await coding(server, "--attempts", "2");
    expect(stdout).toMatch(/^second .* solved at 2 /m);
    expect(stdout).toContain("all          0/1 (0 %) at the first attempt, 1/1 (100 %) after 2 attempts\n");
    const last = asked(server).at(-1) ?? "";
    expect(last).toContain("Put 42 into answer.txt");
    expect(last).toContain("the answer is 43, not 42");
    expect(last).not.toContain("check.sh:");
    expect(last).toContain("no files found");
  });

  test("allows no command but the task's own tests", async () => {
    const forbidden = join(scratch, "forbidden");
    await addTask("commands");
    const calls = [
      callTool("run_command", { command: `touch ${forbidden}` }),
      callTool("run_command", { command: "sh evaluation/check.sh" }),
    ];
    await using server = await fakeOpenAiServer([...calls, say("Done.")]);
    await coding(server);
    expect(existsSync(forbidden)).toBe(false);
    const last = asked(server).at(-1) ?? "";
    expect(last).toContain("evaluation/check.sh: No such file");
  });

  test("writes nothing among the person's own sessions", async () => {
    await addTask("a-solved");
    await using server = await fakeOpenAiServer(solves);
    await coding(server);
    const { stdout } = await trust(["session", "list", "--json"], { home, cwd: "/tmp" });
    expect(parseUnknownJson(stdout, "stdout")).toEqual([]);
    expect(existsSync(join(home.folder, "data", "journal.db"))).toBe(false);
  });

  test("keeps what a model's server says from being code for the terminal", async () => {
    await addTask("a-task");
    await using server = await fakeOpenAiServer(givesUp, { refuses: () => "no \u009b31m\u001b]0;owned\u0007" });
    for (const args of [[], ["--json"]]) {
      const { stdout, stderr } = await coding(server, ...args);
      expect(stdout + stderr).toContain("no ");
      expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}/u);
    }
  });

  test("ends when no model can be asked, since that tells nothing of the model", async () => {
    await addTask("a-task");
    const { status, stderr } = await run(["coding", "-m", "http://127.0.0.1:9/v1"]);
    expect(status).toBe(3);
    expect(stderr).toContain("127.0.0.1:9");
  });

  test.each([
    [["--mode", "auto"], "mode edit"],
    [["--language", "cobol"], "There are no tasks in cobol"],
    [["--task", "nope*"], "None of the 1 tasks"],
  ])("refuses %j", async (args, why) => {
    await addTask("a-task");
    const { status, stderr } = await run(["coding", ...args]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(why)]);
  });
});

const edit2 = () => callTool("edit_file", { path: "answer.txt", old_text: "43", new_text: "42" });

const hanging = "sleep 600 & echo $! > $PIDS; trap '' TERM; while true; do sleep 1; done\n";

describe("a hidden test", () => {
  test("that hangs is ended at the task's limit, with what it left in the background", async () => {
    await addTask("hangs", { seconds: 1, check: hanging });
    await using server = await fakeOpenAiServer(givesUp);
    const pids = join(suite.path, "pids");
    const { stdout } = await run(["coding", "-m", server.url], { PIDS: pids });
    expect(stdout).toMatch(/^hangs .* test timeout /m);
    await ended(pids);
  });

  test("that ends has no process go on behind it", async () => {
    await addTask("leaves", { check: "sleep 600 > /dev/null 2>&1 & echo $! > $PIDS; exit 0\n" });
    await using server = await fakeOpenAiServer(givesUp);
    const pids = join(suite.path, "pids");
    const { stdout } = await run(["coding", "-m", server.url], { PIDS: pids });
    expect(stdout).toMatch(/^leaves .* solved /m);
    await ended(pids);
  });

  test("that hangs leaves nothing behind when the person presses Ctrl-C", async () => {
    await addTask("hangs", { seconds: 600, check: hanging });
    await using server = await fakeOpenAiServer(givesUp);
    const pids = join(suite.path, "pids");
    const { args, ...options } = started(["coding", "-m", server.url], { PIDS: pids });
    const running = startTrust(args, options);
    await waitUntil("the test", () => existsSync(pids) && readFileSync(pids, "utf8").endsWith("\n"));
    running.child.kill("SIGINT");
    const { status } = await running.finished;
    expect(status).toBe(130);
    await ended(pids);
    expect(leftBehind()).toEqual([]);
  });
});

describe("--out", () => {
  test("goes on where a run stopped, also when its last line was cut off", async () => {
    await addTask("a-one");
    await addTask("b-two");
    await using server = await fakeOpenAiServer([...solves, ...givesUp]);
    const out = join(scratch, "results.jsonl");
    await coding(server, "--task", "a-*", "--out", out);
    const known = readFileSync(out, "utf8");
    appendFileSync(out, '{"suite":"cut o');
    const again = await coding(server, "--out", out);
    expect(again.stderr).toContain("1 of 2 tasks are in");
    expect(again.stdout).toContain("all          1/2 (50 %)");
    const lines = readFileSync(out, "utf8");
    expect(lines.startsWith(known)).toBe(true);
    expect(lines.trimEnd().split("\n")).toHaveLength(2);
    const before = asked(server).length;
    expect((await coding(server, "--out", out)).stdout).toContain("all          1/2 (50 %)");
    expect(asked(server)).toHaveLength(before);
  });

  test("begins anew when a task of the suite was changed", async () => {
    await addTask("a-one");
    await using server = await fakeOpenAiServer(solves);
    const out = join(scratch, "results.jsonl");
    await coding(server, "--out", out);
    await suite.write("a-one/repository/more.txt", "new\n");
    expect((await coding(server, "--out", out)).stderr).toBe("");
    expect(readFileSync(out, "utf8").trimEnd().split("\n")).toHaveLength(2);
  });

  test("refuses a file that holds something else", async () => {
    await addTask("a-one");
    await suite.write("notes.txt", "dear diary\n");
    const { status, stderr } = await run(["coding", "--out", join(suite.path, "notes.txt")]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("notes.txt:1")]);
    await suite.write("notes.txt", "dear diary");
    const unended = await run(["coding", "--out", join(suite.path, "notes.txt")]);
    expect([unended.status, unended.stderr]).toEqual([2, expect.stringContaining("something else than results")]);
    expect(await suite.read("notes.txt")).toBe("dear diary");
  });
});

describe("a suite is read strictly", () => {
  const problem = async (): Promise<string> => (await run(["check"])).stderr;

  test("an unknown key is told with its file", async () => {
    await addTask("a-task", { more: "colour: red\n" });
    expect(await problem()).toMatch(/a-task\/task\.yaml: .*colour/);
  });

  test.each([
    ["id: a-task", "id: another", "id is another, and its folder is a-task"],
    ["kind: fix", "kind: break", "kind:"],
    ["seconds: 30", "seconds: 0", "seconds:"],
    ["seconds: 30", "seconds: [", "task.yaml:"],
    ["language: javascript", "language: cobol", "language:"],
  ])("%s cannot be %s", async (right, wrong, why) => {
    await addTask("a-task");
    const file = "a-task/task.yaml";
    await suite.write(file, (await suite.read(file)).replace(right, wrong));
    expect(await problem()).toContain(why);
  });

  test("folders that are missing are named", async () => {
    expect(await problem()).toContain("holds no tasks");
    await addTask("a-task");
    rmSync(join(suite.path, "a-task", "tests"), { recursive: true });
    expect(await problem()).toContain("a-task has no folder tests");
  });
});

describe("trust eval check", () => {
  test("proves that tests fail before the solution and pass after it", async () => {
    await addTask("a-right");
    await addTask("b-too-easy", { check: "exit 0\n" });
    await addTask("c-unsolved", { check: "printf 'no\\033[31m way\\n'; exit 1\n" });
    await addTask("d-skipped", { test: ["no-such-program-here"] });
    const { status, stdout, stderr } = await run(["check"]);
    expect(status).toBe(1);
    expect(stdout).toContain("right    a-right\n");
    expect(stdout).toContain("wrong    b-too-easy  the tests pass without the solution\n");
    expect(stdout).toContain("wrong    c-unsolved  the tests fail with the solution:\nno way\n");
    expect(stdout).toContain("1 of 4 are right\n");
    expect(stderr).toBe("Skipped 1 of 4 tasks: they are not proven here\n");
  });
});
