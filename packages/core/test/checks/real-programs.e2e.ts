import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { planChecks, planTests, runPlanned } from "../../src/checks/index.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";

const packages = join(import.meta.dirname, "../../../../node_modules");

function has(program: string, ...words: string[]): boolean {
  try {
    execFileSync(program, words, { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

async function runTests(root: string, paths: readonly string[] = []) {
  const { runs } = planTests({ root, environment: process.env, paths });
  const [run] = runs;
  if (run === undefined || runs.length > 1) throw new Error("expected one runner");
  return await runPlanned(run, { root, environment: process.env, seconds: 60 }, new AbortController().signal);
}

async function check(root: string, paths: readonly string[] = []) {
  const { runs } = planChecks({ root, environment: process.env, paths });
  const found = [];
  for (const run of runs) {
    const place = { root, environment: process.env, seconds: 60 };
    const { diagnostics, problem } = await runPlanned(run, place, new AbortController().signal);
    found.push(...diagnostics, ...(problem === undefined ? [] : [problem]));
  }
  return found;
}

function nodeProject(files: Record<string, string>): string {
  const root = temporaryFolder(files);
  symlinkSync(packages, join(root, "node_modules"));
  return root;
}

describe("the programs themselves", () => {
  test("Vitest", async () => {
    const root = nodeProject({
      "package.json": '{"type":"module","devDependencies":{"vitest":"5"}}',
      "src/cart.js": "export const total = (prices) => prices.reduce((sum, one) => sum + one, 1);\n",
      "test/cart.test.js":
        'import { describe, expect, test } from "vitest";\nimport { total } from "../src/cart.js";\ndescribe("cart", () => {\n  test("adds", () => expect(total([1, 2])).toBe(3));\n  test("is there", () => {});\n  test.skip("later", () => {});\n});\n',
      "test/other.test.js": 'import "./missing.js";\n',
    });
    expect(await runTests(root, ["src/cart.js"])).toMatchObject({
      runner: "vitest",
      passed: 1,
      skipped: 1,
      failures: expect.arrayContaining([
        {
          name: "cart > adds",
          message: "expected 4 to be 3 // Object.is equality",
          path: "test/cart.test.js",
          line: 4,
        },
      ]),
    });
    expect((await runTests(root, ["test/other.test.js"])).failures).toMatchObject([{ path: "test/other.test.js" }]);
  });

  test("Node's own runner", async () => {
    const root = temporaryFolder({
      "package.json": '{"type":"module","scripts":{"test":"node --test"}}',
      "cart.test.js":
        'import assert from "node:assert";\nimport test from "node:test";\ntest("adds", () => {\n  console.log("</testcase>");\n  assert.equal(4, 3);\n});\ntest("is there", () => {});\n',
      "load.test.js": '\n\nthrow new TypeError("no configuration");\n',
    });
    expect(await runTests(root)).toMatchObject({
      runner: "node:test",
      passed: 1,
      failed: 2,
      failures: [
        { name: "adds", path: "cart.test.js", line: 5 },
        { name: "load.test.js", message: "TypeError: no configuration", path: "load.test.js", line: 3 },
      ],
    });
  });

  test("tsc and oxlint", async () => {
    const root = nodeProject({
      "tsconfig.json": '{"compilerOptions":{"strict":true,"types":[]},"include":["src"]}',
      ".oxlintrc.json": '{"rules":{"no-debugger":"error"}}',
      "src/a.ts": "export const x: string = 1;\ndebugger;\n",
    });
    expect(await check(root, ["src/a.ts"])).toMatchObject([
      { path: "src/a.ts", line: 1, column: 14, severity: "error", rule: "TS2322", source: "tsc" },
      { path: "src/a.ts", line: 2, column: 1, severity: "error", source: "oxlint" },
    ]);
  });

  test.skipIf(!has("python3", "-m", "pytest", "--version"))("pytest", async () => {
    const root = temporaryFolder({
      "cart.py": 'def boom():\n    raise ValueError("no")\n',
      "tests/test_cart.py":
        "import pytest\nfrom cart import boom\n\nclass TestCart:\n    def test_adds(self):\n        assert 4 == 3\n\ndef test_boom():\n    boom()\n\ndef test_fine():\n    pass\n\n@pytest.mark.skip\ndef test_later():\n    pass\n",
    });
    expect(await runTests(root)).toEqual({
      runner: "pytest",
      passed: 1,
      failed: 2,
      skipped: 1,
      failures: [
        { name: "TestCart.test_adds", message: "assert 4 == 3", path: "tests/test_cart.py", line: 6 },
        { name: "test_boom", message: "ValueError: no", path: "cart.py", line: 2 },
      ],
    });
  });

  test.skipIf(!has("go", "version"))("go test and go vet", async () => {
    const root = temporaryFolder({
      "go.mod": "module example.com/shop\n\ngo 1.21\n",
      "cart/cart.go": 'package cart\n\nimport "fmt"\n\nfunc Show() string { return fmt.Sprintf("%d", "x") }\n',
    });
    const finding = { path: "cart/cart.go", line: 5, severity: "warning", rule: "printf", source: "go vet" };
    expect(await check(root, ["cart/cart.go"])).toMatchObject([finding]);
    expect(await runTests(temporaryFolder({ "go.mod": "module a\n\ngo 1.21\n", "a_test.go": goTest }))).toEqual({
      runner: "go test",
      passed: 1,
      failed: 1,
      skipped: 0,
      failures: [{ name: "TestAll/two", message: "got 4, want 3", path: "a_test.go", line: 7 }],
    });
  });

  test.skipIf(!has("cargo", "--version"))("cargo test and cargo check", async () => {
    const root = temporaryFolder({
      "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
      "src/lib.rs":
        'pub fn total() -> i32 {\n    let unused = 1;\n    4\n}\n\n#[test]\nfn adds() {\n    assert_eq!(total(), 3, "adds up");\n}\n\n#[test]\nfn fine() {}\n',
    });
    expect(await runTests(root)).toMatchObject({
      passed: 1,
      failed: 1,
      failures: [{ name: "adds", message: expect.stringContaining("adds up"), path: "src/lib.rs", line: 8 }],
    });
    expect(await check(root)).toMatchObject([{ path: "src/lib.rs", line: 2, rule: "unused_variables" }]);
  });

  test.skipIf(!has("javac", "-version"))("javac, which leaves no classes", async () => {
    const root = temporaryFolder({
      "src/shop/Cart.java": 'package shop;\n\nclass Cart {\n  int total() { return Price.of("x"); }\n}\n',
      "src/shop/Price.java": "package shop;\n\nclass Price {\n  static int of(int x) { return x; }\n}\n",
    });
    expect(await check(root, ["src/shop/Cart.java"])).toMatchObject([{ path: "src/shop/Cart.java", line: 4 }]);
    expect(execFileSync("find", [root, "-name", "*.class"], { encoding: "utf8" })).toBe("");
    expect(await check(root, ["src/shop/Price.java"])).toEqual([]);
    expect(execFileSync("find", [root, "-name", "*.class"], { encoding: "utf8" })).toBe("");
  });

  test.skipIf(!has("gcc", "--version") && !has("clang", "--version"))("clang, or gcc in its place", async () => {
    const root = temporaryFolder({
      "src/a.c": '#include "a.h"\nint main(void) { return total(); }\n',
      "include/a.h": "",
    });
    expect(await check(root, ["src/a.c"])).toMatchObject([{ path: "src/a.c", line: 2, column: 25 }]);
  });

  test.skipIf(!has("ctest", "--version") || !has("gcc", "--version"))("ctest", async () => {
    const root = temporaryFolder({
      "CMakeLists.txt":
        "cmake_minimum_required(VERSION 3.10)\nproject(shop NONE)\nenable_testing()\nadd_test(NAME adds COMMAND ${CMAKE_COMMAND} -E cat ${CMAKE_SOURCE_DIR}/none)\nadd_test(NAME fine COMMAND ${CMAKE_COMMAND} -E true)\n",
      "a.c": "",
    });
    execFileSync("cmake", ["-B", "build", "."], { cwd: root, stdio: "ignore" });
    expect(await runTests(root)).toMatchObject({ passed: 1, failed: 1, failures: [{ name: "adds" }] });
  });

  test("one that takes too long is stopped, which is the problem", async () => {
    const root = temporaryFolder({
      "package.json": '{"scripts":{"test":"node --test"}}',
      "a.test.js": "setInterval(() => 0, 9);",
    });
    const [run] = planTests({ root, environment: process.env, paths: [] }).runs;
    if (run === undefined) throw new Error("no run");
    const report = await runPlanned(
      run,
      { root, environment: process.env, seconds: 0.3 },
      new AbortController().signal,
    );
    expect(report.problem).toBe("stopped after 0.3 seconds");
  });
});

const goTest =
  'package a\n\nimport "testing"\n\nfunc TestAll(t *testing.T) {\n\tt.Run("two", func(t *testing.T) {\n\t\tt.Errorf("got %d, want 3", 4)\n\t})\n}\n\nfunc TestFine(t *testing.T) {}\n';
