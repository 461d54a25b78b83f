import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { testRunners } from "../../src/checks/runners.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { finishedRun } from "./finished-run.ts";

const parse = (id: string, run: Parameters<typeof finishedRun>[1], root: string) =>
  testRunners.find((one) => one.id === id)?.parse(finishedRun(root, run));

describe("what a test runner writes becomes counts and failures", () => {
  test("Jest, with the frame in the project and not the one in a package", () => {
    const root = temporaryFolder({ "src/cart.ts": "", "test/cart.test.ts": "", "node_modules/expect/index.js": "" });
    const stack = `Error: \u001B[31mexpected 4\u001B[39m\n    at expect (${root}/node_modules/expect/index.js:1:1)\n    at total (${root}/src/cart.ts:7:3)\n    at Object.<anonymous> (${root}/test/cart.test.ts:4:9)`;
    const assertionResults = [
      { fullName: "cart adds", status: "failed", failureMessages: [stack] },
      { fullName: "cart fine", status: "passed", failureMessages: [] },
      { fullName: "cart later", status: "pending", failureMessages: [] },
    ];
    const broken = {
      name: `${root}/test/cart.test.ts`,
      status: "failed",
      message: "Cannot find module './x'",
      assertionResults: [],
    };
    const testResults = [
      { name: `${root}/test/cart.test.ts`, status: "failed", message: "", assertionResults },
      broken,
    ];
    const stdout = `${JSON.stringify({ numFailedTestSuites: 2, numTotalTests: 3, testResults })}\n`;
    expect(parse("jest", { stdout, stderr: "PASS something" }, root)).toEqual({
      runner: "jest",
      passed: 1,
      failed: 2,
      skipped: 1,
      failures: [
        { name: "test/cart.test.ts", message: "Cannot find module './x'", path: "test/cart.test.ts" },
        { name: "cart adds", message: "Error: expected 4", path: "src/cart.ts", line: 7 },
      ],
    });
  });

  test("mocha, behind what the tests printed", () => {
    const root = temporaryFolder({ "test/cart.js": "" });
    const err = { message: "4 == 3", stack: `AssertionError: 4 == 3\n    at Context.<anonymous> (test/cart.js:5:10)` };
    const report = {
      stats: { suites: 1, tests: 3, passes: 1, pending: 1, failures: 1 },
      failures: [{ fullTitle: "cart adds", file: `${root}/test/cart.js`, err }],
    };
    expect(parse("mocha", { stdout: `{"my": "log"}\n${JSON.stringify(report, null, 2)}` }, root)).toEqual({
      runner: "mocha",
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: [{ name: "cart adds", message: "4 == 3", path: "test/cart.js", line: 5 }],
    });
  });

  test("unittest", () => {
    const root = temporaryFolder({ "test_cart.py": "", "cart.py": "" });
    const line = "=".repeat(70);
    const rule = "-".repeat(70);
    const stderr = `F.s\n${line}\nFAIL: test_adds (test_cart.CartTest.test_adds)\n${rule}\nTraceback (most recent call last):\n  File "${root}/test_cart.py", line 7, in test_adds\n    total([1, 2])\n  File "${root}/cart.py", line 2, in total\n    assert not prices\n  File "/usr/lib/python3/x.py", line 1, in x\nAssertionError: 4 != 3\n\n${rule}\nRan 3 tests in 0.001s\n\nFAILED (failures=1, skipped=1)\n`;
    expect(parse("unittest", { stderr }, root)).toEqual({
      runner: "unittest",
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: [
        {
          name: "test_adds (test_cart.CartTest.test_adds)",
          message: "AssertionError: 4 != 3",
          path: "cart.py",
          line: 2,
        },
      ],
    });
  });

  test("Maven and Gradle, by the reports that this run wrote", () => {
    const root = temporaryFolder({ "src/test/java/shop/CartTest.java": "" });
    const cases =
      '<testsuite name="shop.CartTest"><testcase name="adds" classname="shop.CartTest"><failure message="expected: &lt;3&gt; but was: &lt;4&gt;" type="x"><![CDATA[org.opentest4j.AssertionFailedError: expected\n\tat org.junit.Assert.fail(Assert.java:1)\n\tat shop.CartTest.adds(CartTest.java:12)\n]]></failure></testcase><testcase name="fine" classname="shop.CartTest"/><testcase name="later" classname="shop.CartTest"><skipped/></testcase></testsuite>';
    for (const folder of ["target/surefire-reports", "build/test-results/test"]) {
      mkdirSync(join(root, folder), { recursive: true });
      writeFileSync(join(root, folder, "TEST-shop.CartTest.xml"), cases);
      writeFileSync(join(root, folder, "TEST-old.xml"), cases);
      utimesSync(join(root, folder, "TEST-old.xml"), 1, 1);
    }
    for (const runner of ["maven", "gradle"]) {
      expect(parse(runner, { startedAt: Date.now() - 60_000 }, root)).toEqual({
        runner,
        passed: 1,
        failed: 1,
        skipped: 1,
        failures: [
          {
            name: "shop.CartTest.adds",
            message: "expected: <3> but was: <4>",
            path: "src/test/java/shop/CartTest.java",
            line: 12,
          },
        ],
      });
    }
  });

  test("a Go package that does not compile is the problem, with what the compiler said", () => {
    const stdout =
      '{"ImportPath":"a","Action":"build-output","Output":"./a.go:3:1: undefined: x\\n"}\n{"ImportPath":"a","Action":"build-fail"}\n{"Action":"fail","Package":"a","Elapsed":0,"FailedBuild":"a"}\n';
    const report = parse("go test", { stdout }, temporaryFolder());
    expect(report).toMatchObject({ failed: 0, problem: "exit code 1: ./a.go:3:1: undefined: x" });
  });

  test("Vitest says by its exit code what its lines do not: a hook that failed", () => {
    const stdout = "TAP version 13\n1..1\nok 1 - test/a.test.ts > a # SKIP\n";
    expect(parse("vitest", { stdout }, temporaryFolder())).toMatchObject({
      skipped: 1,
      failed: 0,
      problem: expect.any(String),
    });
    expect(parse("vitest", { stdout, exitCode: 0 }, temporaryFolder())).not.toHaveProperty("problem");
  });
});

describe("output that is not understood", () => {
  test.each(testRunners.map((runner) => [runner.id, runner] as const))("is the problem of %s", (_id, runner) => {
    const report = runner.parse(finishedRun(temporaryFolder(), { stderr: "Segmentation fault\n", exitCode: 139 }));
    expect(report).toMatchObject({ passed: 0, failed: 0, failures: [], problem: "exit code 139: Segmentation fault" });
  });

  test("holds nothing up that begins thousands of times and never ends", () => {
    const run = finishedRun(temporaryFolder(), { stdout: "<![CDATA[<!--".repeat(50_000) });
    expect(testRunners.find(({ id }) => id === "node:test")?.parse(run)).toMatchObject({ failed: 0 });
  });

  test("throws in no parser", () => {
    const root = temporaryFolder();
    const piece = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        '<testcase name="a">',
        "<failure>",
        "<![CDATA[",
        "]]>",
        "&#1114112;",
        "not ok 1 - a > b\n  ---\n",
        "___ a ___\n",
        "=== FAILURES ===\n",
        "---- a stdout ----\n",
        "1/2 Test #1: a ...***Failed 0.1 sec\n",
        '{"Action":"fail","Test":"a"}\n',
        "\n",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom(...testRunners), fc.nat(2), (pieces, runner, exitCode) => {
        const text = pieces.join("");
        const report = runner.parse(finishedRun(root, { stdout: text, stderr: text, exitCode }));
        expect(report.failed + report.passed + report.skipped).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
