import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { planChecks, planTests } from "../../src/checks/index.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";

/** Programs that are there; none of these tests runs one. */
function withPrograms(root: string, programs: readonly string[]): NodeJS.ProcessEnv {
  for (const program of programs) {
    const path = join(root, program);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "");
    chmodSync(path, 0o755);
  }
  return { PATH: join(root, "path") };
}

function tests(files: Record<string, string>, programs: readonly string[], paths: readonly string[], name?: string) {
  const root = temporaryFolder(files);
  const environment = withPrograms(root, programs);
  const { runs, missing } = planTests({ root, environment, paths, name });
  return { commands: runs.map(({ command }) => command), missing };
}

function checks(files: Record<string, string>, programs: readonly string[], paths: readonly string[]) {
  const root = temporaryFolder(files);
  const environment = withPrograms(root, programs);
  const { runs, missing } = planChecks({ root, environment, paths });
  return { commands: runs.map(({ command }) => command), missing };
}

const vitest = "node_modules/.bin/vitest";
const usesVitest = {
  "package.json": '{"devDependencies":{"vitest":"5.0.0"}}',
  "src/cart.ts": "",
  "test/cart.test.ts": "",
};

describe("the tests of", () => {
  test("everything run when nothing is named", () => {
    expect(tests(usesVitest, [vitest], []).commands).toEqual(["node_modules/.bin/vitest run --reporter=tap-flat"]);
  });

  test("a source file are those that the runner relates to it", () => {
    const { commands } = tests(usesVitest, [vitest], ["src/cart.ts"]);
    expect(commands).toEqual(["node_modules/.bin/vitest related --run --reporter=tap-flat src/cart.ts"]);
  });

  test("a test file are itself, by name where one is given", () => {
    const { commands } = tests(usesVitest, [vitest], ["test/cart.test.ts"], "adds it's");
    expect(commands).toEqual([`node_modules/.bin/vitest run --reporter=tap-flat -t 'adds it'\\''s' test/cart.test.ts`]);
  });

  test("a package in a monorepo run where the nearest folder uses a runner, with the programs above it", () => {
    const files = {
      "package.json": '{"devDependencies":{"jest":"30"}}',
      "packages/a/package.json": '{"devDependencies":{"vitest":"5"}}',
      "packages/a/src/x.ts": "",
      "packages/b/package.json": "{}",
      "packages/b/src/y.ts": "",
    };
    const programs = [vitest, "node_modules/.bin/jest"];
    expect(tests(files, programs, ["packages/a/src/x.ts"]).commands).toEqual([
      "cd packages/a && ../../node_modules/.bin/vitest related --run --reporter=tap-flat src/x.ts",
    ]);
    expect(tests(files, programs, ["packages/b/src/y.ts"]).commands).toEqual([
      "node_modules/.bin/jest --json --findRelatedTests packages/b/src/y.ts",
    ]);
  });

  test("packages below a root that uses nothing run each on its own", () => {
    const files = { "a/go.mod": "module a", "a/a.go": "", "b/Cargo.toml": "", "b/src/lib.rs": "" };
    expect(tests(files, ["path/go", "path/cargo"], []).commands).toEqual([
      "cd a && go test -json ./...",
      "cd b && cargo test --no-fail-fast",
    ]);
  });

  test("Python run by the virtual environment, for a file those named after it and those that import it", () => {
    const files = {
      "pyproject.toml": "",
      "shop/cart.py": "",
      "tests/test_cart.py": "",
      "tests/test_orders.py": "from shop import cart\n",
      "tests/test_other.py": "cart = 1\n",
    };
    const programs = [".venv/bin/pytest", ".venv/bin/python"];
    expect(tests(files, programs, ["shop/cart.py"]).commands).toEqual([
      ".venv/bin/python -m pytest --tb=short --color=no tests/test_cart.py tests/test_orders.py",
    ]);
    const alone = tests(files, ["path/python3"], ["shop/cart.py"], "adds").commands;
    expect(alone).toEqual(["python3 -m unittest -k adds tests/test_cart.py tests/test_orders.py"]);
  });

  test("a file that no test fits are all of its package", () => {
    const files = { "pyproject.toml": "", "shop/lonely.py": "", "tests/test_cart.py": "" };
    const programs = ["path/pytest", "path/python3"];
    expect(tests(files, programs, ["shop/lonely.py"]).commands).toEqual(["python3 -m pytest --tb=short --color=no"]);
  });

  test("Node's own runner get the loaders of the project's script", () => {
    const script = "node --conditions=dev --import tsx --test test/*.ts";
    const files = {
      "package.json": JSON.stringify({ scripts: { test: script } }),
      "cart.ts": "",
      "test/cart.test.ts": "",
    };
    expect(tests(files, ["path/node"], ["cart.ts"]).commands).toEqual([
      "node --conditions=dev --import tsx --test --test-reporter=spec --test-reporter-destination=stderr --test-reporter=junit --test-reporter-destination=stdout test/cart.test.ts",
    ]);
  });

  test("Java run by class, without fetching anything", () => {
    const files = { "pom.xml": "", "src/main/java/a/Cart.java": "", "src/test/java/a/CartTest.java": "" };
    expect(tests(files, ["path/mvn"], ["src/main/java/a/Cart.java"]).commands).toEqual([
      "mvn -o -B -Dtest=CartTest test",
    ]);
  });

  test("a project whose runner is not installed are not run, which is said", () => {
    expect(tests(usesVitest, [], ["src/cart.ts"])).toEqual({ commands: [], missing: ["vitest (at the root)"] });
  });

  test("a file that is no code are none", () => {
    expect(tests({ ...usesVitest, "README.md": "" }, [vitest], ["README.md"])).toEqual({ commands: [], missing: [] });
  });

  test("a file whose name looks like an option are asked for as a file", () => {
    const files = { ...usesVitest, "--config=evil.test.ts": "" };
    const { commands } = tests(files, [vitest], ["--config=evil.test.ts"]);
    expect(commands).toEqual(["node_modules/.bin/vitest run --reporter=tap-flat ./--config=evil.test.ts"]);
  });
});

describe("the checkers of", () => {
  test("a file are those that its project uses and has", () => {
    const files = {
      "tsconfig.json": "{}",
      "biome.json": "{}",
      "eslint.config.js": "",
      ".oxlintrc.json": "{}",
      "src/a.ts": "",
    };
    const programs = ["tsc", "eslint", "oxlint"].map((name) => `node_modules/.bin/${name}`);
    expect(checks(files, programs, ["src/a.ts"])).toEqual({
      commands: [
        "node_modules/.bin/tsc --noEmit --pretty false",
        "node_modules/.bin/eslint --format json src/a.ts",
        "node_modules/.bin/oxlint -f json src/a.ts",
      ],
      missing: ["biome (at the root)"],
    });
  });

  test("a project that refers to others are built without output", () => {
    const files = { "tsconfig.json": '{"references": [{"path": "a"}]}', "a.ts": "" };
    const { commands } = checks(files, ["node_modules/.bin/tsc"], []);
    expect(commands).toEqual(["node_modules/.bin/tsc -b --noEmit --pretty false"]);
  });

  test("Python stand in its project file", () => {
    const pyproject = "[tool.ruff]\n[tool.mypy]\n[tool.pyright]\n";
    const programs = ["venv/bin/ruff", "venv/bin/mypy", "path/pyright"];
    expect(checks({ "pyproject.toml": pyproject, "a.py": "" }, programs, ["a.py"]).commands).toEqual([
      "venv/bin/ruff check --no-fix --output-format json a.py",
      "pyright --outputjson a.py",
      "venv/bin/mypy --output json --no-error-summary a.py",
    ]);
  });

  test("C get the flags of the build, without what writes", () => {
    const root = temporaryFolder({ "src/a.c": "", "inc/a.h": "" });
    const environment = withPrograms(root, ["path/clang"]);
    const command = `/usr/bin/cc -DNAME=\\"x\\" -I${root}/inc -I../out -std=c11 -Wall -o a.o -MF a.d -c ${root}/src/a.c`;
    const entries = [{ directory: `${root}/build`, command, file: `${root}/src/a.c` }];
    mkdirSync(join(root, "build"));
    writeFileSync(join(root, "build/compile_commands.json"), JSON.stringify(entries));
    const { runs } = planChecks({ root, environment, paths: ["src/a.c"] });
    expect(runs.map((run) => run.command)).toEqual([
      `clang -fsyntax-only '-DNAME="x"' -I inc -I out -std=c11 -Wall src/a.c`,
    ]);
  });

  test("Go and Rust are their own", () => {
    const files = { "go.mod": "", "cart/a.go": "", "Cargo.toml": "", "src/lib.rs": "" };
    expect(checks(files, ["path/go", "path/cargo"], ["cart/a.go", "src/lib.rs"]).commands).toEqual([
      "go vet -json ./cart",
      "cargo check --all-targets --message-format=json",
    ]);
  });
});
