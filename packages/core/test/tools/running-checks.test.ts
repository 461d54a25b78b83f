import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { BackgroundChecks } from "../../src/checks/index.ts";
import { temporaryJournal } from "../../src/testing/index.ts";
import { builtInTools, createEditFailures, createReadLedger, defaultLimits } from "../../src/tools/index.ts";
import { openWorkspace } from "../../src/workspace/index.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { toolBench } from "./tool-bench.ts";

const nodeProject = {
  "package.json": '{"type":"module","scripts":{"test":"node --test"}}',
  "cart.js": "export const total = (prices) => prices.reduce((sum, one) => sum + one, 1);\n",
  "cart.test.js":
    'import assert from "node:assert";\nimport test from "node:test";\nimport { total } from "./cart.js";\ntest("adds", () => assert.equal(total([1, 2]), 3));\ntest("is there", () => {});\n',
  "other.test.js": 'import test from "node:test";\ntest("other", () => {});\n',
};

describe("run_tests", () => {
  test("runs those of a file and tells each failure with its place; that they fail is a result", async () => {
    const call = await toolBench(temporaryFolder(nodeProject));
    const answer = await call("run_tests", { paths: ["cart.js"] });
    expect(answer).toMatchObject({
      status: "ok",
      text: "1 passed, 1 failed (node:test)\nFAILED adds (cart.test.js:4)\n  4 == 3",
      summary: "1 of 2 failed",
      preview: {
        kind: "command",
        command:
          "node --test --test-reporter=spec --test-reporter-destination=stderr --test-reporter=junit --test-reporter-destination=stdout cart.test.js",
      },
    });
  });

  test("runs all, or those with a name", async () => {
    const call = await toolBench(temporaryFolder(nodeProject));
    expect(await call("run_tests", {})).toMatchObject({ summary: "1 of 3 failed" });
    expect(await call("run_tests", { name: "other" })).toMatchObject({
      summary: "1 passed",
      text: expect.stringContaining("1 passed"),
    });
  });

  test("says what it looked for where there is nothing to run, and how to go on", async () => {
    const answer = await (await toolBench(temporaryFolder({ "a.txt": "" })))("run_tests", {});
    expect(answer.status).toBe("not prepared");
    expect(answer.text).toMatch(/^no tests to run: the folder uses none that is known \(vitest, jest, .*run_command/);
  });

  test("names a runner that is not installed", async () => {
    const root = temporaryFolder({ "package.json": '{"devDependencies":{"jest":"30"}}', "a.js": "" });
    const answer = await (await toolBench(root))("run_tests", { paths: ["a.js"] });
    expect(answer.text).toContain("the project uses jest (at the root), which is not installed");
  });

  test("fails with what the runner wrote when it could not run", async () => {
    const root = temporaryFolder({
      "package.json": '{"devDependencies":{"jest":"30"}}',
      "node_modules/.bin/jest": "#!/bin/sh\necho no config >&2\nexit 3\n",
    });
    chmodSync(join(root, "node_modules/.bin/jest"), 0o755);
    writeFileSync(join(root, "a.js"), "");
    const answer = await (await toolBench(root))("run_tests", {});
    expect(answer).toMatchObject({ status: "failed", summary: "could not run" });
    expect(answer.text).toContain("exit code 3: no config");
  });

  test.each([["../x"], ["none.js"]])("does not run for %s", async (path) => {
    const answer = await (await toolBench(temporaryFolder(nodeProject)))("run_tests", { paths: [path] });
    expect(answer.status).toBe("not prepared");
  });

  test("ends with an interruption", async () => {
    const root = temporaryFolder({ ...nodeProject, "cart.test.js": "setInterval(() => 0, 9);\n" });
    const controller = new AbortController();
    const between = (): unknown => setTimeout(() => controller.abort(), 100);
    const answer = (await toolBench(root))("run_tests", {}, { signal: controller.signal, between });
    await expect(answer).rejects.toThrow(/abort/i);
  });
});

/** A checker of the project's own that prints a file. */
function checkedProject(said: string): string {
  const root = temporaryFolder({
    "tsconfig.json": "{}",
    "a.ts": "const a = 1;\n",
    "node_modules/.bin/tsc": "#!/bin/sh\ncat said.txt\n[ ! -s said.txt ]\n",
    "said.txt": said,
  });
  chmodSync(join(root, "node_modules/.bin/tsc"), 0o755);
  return root;
}

describe("run_checks", () => {
  test("tells errors first, file by file, within its room", async () => {
    const said = "a.ts(2,1): warning TS2: later\na.ts(1,1): error TS1: first\nb.ts(1,1): error TS1: no such file\n";
    const root = checkedProject(said);
    const answer = await (await toolBench(root, { resultLines: 2 }))("run_checks", { paths: ["a.ts"] });
    expect(answer).toMatchObject({
      status: "ok",
      text: "1 error, 1 warning (tsc)\na.ts:1:1: error TS1: first (tsc)\n... 1 more",
      summary: "1 error, 1 warning",
    });
  });

  test("says when all is well, and which checker is missing", async () => {
    const root = checkedProject("");
    writeFileSync(join(root, "biome.json"), "{}");
    const answer = await (await toolBench(root))("run_checks", {});
    expect(answer).toMatchObject({
      text: "no problems (tsc)\nnot installed: biome (at the root)",
      summary: "no problems",
    });
  });

  test("fails when no checker could say anything", async () => {
    const answer = await (await toolBench(checkedProject("panic\n")))("run_checks", {});
    expect(answer).toMatchObject({ status: "failed", summary: "could not check" });
    expect(answer.text).toContain("tsc could not check: exit code 1: panic");
  });
});

describe("a change", () => {
  test("is told with the problems that are new by it", async () => {
    const root = checkedProject("");
    const finds = "#!/bin/sh\nsleep 0.2\ngrep -Hn broken *.ts | sed 's/:\\([0-9]*\\):.*/(\\1,1): error TS1: broken/'\n";
    writeFileSync(join(root, "node_modules/.bin/tsc"), finds);
    writeFileSync(join(root, "a.ts"), "broken\n");
    const place = { root, environment: process.env, seconds: 20, patienceMilliseconds: 5000, isAllowed: () => true };
    const call = await toolBench(root, {}, undefined, { diagnostics: new BackgroundChecks(place) });
    const answer = await call("write_file", { path: "a.ts", content: "fine\nbroken\nbroken again\n" });
    expect(answer.text).toBe("wrote 3 lines to a.ts\nnew problems:\na.ts:3:1: error TS1: broken (tsc)");
  });

  test("stays when the checks behind it break down", async () => {
    const diagnostics = {
      before: () => Promise.reject(new Error("no checks")),
      after: () => Promise.reject(new Error("no checks")),
      seen: () => undefined,
    };
    const call = await toolBench(temporaryFolder(), {}, undefined, { diagnostics });
    expect(await call("write_file", { path: "a.ts", content: "x\n" })).toMatchObject({
      status: "ok",
      text: "wrote 1 line to a.ts",
    });
  });

  test("that breaks the syntax is not checked any further", async () => {
    const root = checkedProject("b.ts(1,1): error TS1: broken\n");
    const place = { root, environment: process.env, seconds: 20, patienceMilliseconds: 5000, isAllowed: () => true };
    const problems = (_path: string, text: string) => Promise.resolve(text === "x(\n" ? ["line 1: missing )"] : []);
    const call = await toolBench(root, {}, undefined, { diagnostics: new BackgroundChecks(place), problems });
    const answer = await call("write_file", { path: "b.ts", content: "x(\n" });
    expect(answer.text).toContain("missing )");
    expect(answer.text).not.toContain("TS1");
  });
});

test("both are judged by the command line that they prepare", async () => {
  const workspace = await openWorkspace(temporaryFolder(nodeProject));
  const place = { workspace, changes: temporaryJournal(workspace), ledger: createReadLedger(), limits: defaultLimits };
  const tools = builtInTools({ ...place, failures: createEditFailures() });
  const prepared = tools.filter(({ commandIsPrepared }) => commandIsPrepared === true).map(({ name }) => name);
  expect(prepared).toEqual(expect.arrayContaining(["run_tests", "run_checks"]));
  const ready = await tools.find(({ name }) => name === "run_tests")?.prepare({ paths: ["other.test.js"] }, never);
  expect(ready).toMatchObject({
    ok: true,
    value: { command: expect.stringMatching(/^node --test .* other\.test\.js$/) },
  });
});

const never = new AbortController().signal;
