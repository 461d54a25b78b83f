import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { checkers } from "../../src/checks/checkers.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { finishedRun } from "./finished-run.ts";

const parse = (id: string, run: Parameters<typeof finishedRun>[1], root: string) =>
  checkers.find((one) => one.id === id)?.parse(finishedRun(root, run));

const sources = { "src/a.ts": "", "src/a.py": "", "src/lib.rs": "", "src/A.java": "", "cart/a.go": "", "a.c": "" };

describe("what a checker writes becomes places in the project", () => {
  test("tsc, with further lines of a message", () => {
    const stdout =
      "src/a.ts(3,7): error TS2322: Type 'A' is not assignable to type 'B'.\n  Property 'x' is missing.\nsrc/a.ts(9,1): error TS2304: Cannot find name 'y'.\n";
    expect(parse("tsc", { stdout, exitCode: 2 }, temporaryFolder(sources))?.diagnostics).toEqual([
      {
        path: "src/a.ts",
        line: 3,
        column: 7,
        severity: "error",
        message: "Type 'A' is not assignable to type 'B'.\n  Property 'x' is missing.",
        rule: "TS2322",
        source: "tsc",
      },
      {
        path: "src/a.ts",
        line: 9,
        column: 1,
        severity: "error",
        message: "Cannot find name 'y'.",
        rule: "TS2304",
        source: "tsc",
      },
    ]);
  });

  test("ESLint, without what it says of ignored files", () => {
    const root = temporaryFolder(sources);
    const messages = [
      { ruleId: "no-undef", severity: 2, message: "'x' is not defined.", line: 1, column: 5 },
      { ruleId: null, severity: 1, message: "File ignored because of a matching ignore pattern." },
      { ruleId: "no-var", severity: 1, message: "Unexpected var.", line: 2, column: 1 },
    ];
    const stdout = JSON.stringify([{ filePath: `${root}/src/a.ts`, messages, errorCount: 1 }]);
    expect(parse("eslint", { stdout }, root)?.diagnostics).toEqual([
      {
        path: "src/a.ts",
        line: 1,
        column: 5,
        severity: "error",
        message: "'x' is not defined.",
        rule: "no-undef",
        source: "eslint",
      },
      {
        path: "src/a.ts",
        line: 2,
        column: 1,
        severity: "warning",
        message: "Unexpected var.",
        rule: "no-var",
        source: "eslint",
      },
    ]);
  });

  test("Biome, as it writes for GitHub", () => {
    const stdout =
      "::error title=lint/suspicious/noDoubleEquals,file=src/a.ts,line=4,endLine=4,col=3,endColumn=5::Use === instead of ==\n::warning title=lint/x,file=src/a.ts,line=5,endLine=5,col=1,endColumn=2::100%25\n";
    expect(parse("biome", { stdout }, temporaryFolder(sources))?.diagnostics).toEqual([
      {
        path: "src/a.ts",
        line: 4,
        column: 3,
        severity: "error",
        message: "Use === instead of ==",
        rule: "lint/suspicious/noDoubleEquals",
        source: "biome",
      },
      { path: "src/a.ts", line: 5, column: 1, severity: "warning", message: "100%", rule: "lint/x", source: "biome" },
    ]);
  });

  test("Ruff, where only what is no Python is an error", () => {
    const root = temporaryFolder(sources);
    const at = { filename: `${root}/src/a.py`, location: { row: 1, column: 8 } };
    const stdout = JSON.stringify([
      { code: "F401", message: "`os` imported but unused", ...at },
      { code: null, message: "SyntaxError: Expected an expression", ...at },
    ]);
    expect(parse("ruff", { stdout }, root)?.diagnostics).toMatchObject([
      { path: "src/a.py", line: 1, column: 8, severity: "warning", rule: "F401" },
      { severity: "error", message: "SyntaxError: Expected an expression" },
    ]);
  });

  test("Pyright and mypy, which count from 0", () => {
    const root = temporaryFolder(sources);
    const range = { start: { line: 4, character: 2 }, end: { line: 4, character: 9 } };
    const one = {
      file: `${root}/src/a.py`,
      severity: "error",
      message: '"x" is not defined',
      rule: "reportUndefinedVariable",
      range,
    };
    const pyright = JSON.stringify({
      version: "1",
      generalDiagnostics: [one, { ...one, severity: "information" }],
      summary: {},
    });
    expect(parse("pyright", { stdout: pyright }, root)?.diagnostics).toEqual([
      {
        path: "src/a.py",
        line: 5,
        column: 3,
        severity: "error",
        message: '"x" is not defined',
        rule: "reportUndefinedVariable",
        source: "pyright",
      },
    ]);
    const mypy =
      '{"file": "src/a.py", "line": 5, "column": 2, "message": "Name \\"x\\" is not defined", "hint": null, "code": "name-defined", "severity": "error"}\n{"file": "src/a.py", "line": 5, "column": 2, "message": "Did you mean y?", "hint": null, "code": null, "severity": "note"}\n';
    expect(parse("mypy", { stdout: mypy }, root)?.diagnostics).toEqual([
      {
        path: "src/a.py",
        line: 5,
        column: 3,
        severity: "error",
        message: 'Name "x" is not defined',
        rule: "name-defined",
        source: "mypy",
      },
    ]);
  });

  test("go vet, both its findings and what does not compile", () => {
    const stdout =
      '# example.com/shop/cart\n{\n\t"example.com/shop/cart": {\n\t\t"printf": [\n\t\t\t{\n\t\t\t\t"posn": "cart/a.go:9:2",\n\t\t\t\t"message": "wrong type"\n\t\t\t}\n\t\t]\n\t}\n}\n';
    const stderr = "vet: ./cart/a.go:5:2: undefined: y\n";
    expect(parse("go vet", { stdout, stderr }, temporaryFolder(sources))?.diagnostics).toEqual([
      { path: "cart/a.go", line: 5, column: 2, severity: "error", message: "undefined: y", source: "go vet" },
      {
        path: "cart/a.go",
        line: 9,
        column: 2,
        severity: "warning",
        message: "wrong type",
        rule: "printf",
        source: "go vet",
      },
    ]);
  });

  test("cargo check, where a member of a workspace names files from the workspace", () => {
    const span = { file_name: "member/src/lib.rs", line_start: 2, column_start: 9, is_primary: true };
    const message = {
      level: "warning",
      message: "unused variable: `x`",
      code: { code: "unused_variables" },
      spans: [span],
    };
    const line = JSON.stringify({ reason: "compiler-message", message });
    const stdout = `${line}\n${line}\n{"reason":"build-finished","success":true}\n`;
    const root = temporaryFolder({ "member/src/lib.rs": "" });
    expect(parse("cargo check", { stdout, folder: "member", exitCode: 0 }, root)?.diagnostics).toEqual([
      {
        path: "member/src/lib.rs",
        line: 2,
        column: 9,
        severity: "warning",
        message: "unused variable: `x`",
        rule: "unused_variables",
        source: "cargo check",
      },
    ]);
  });

  test("javac, Maven and clang", () => {
    const root = temporaryFolder(sources);
    expect(
      parse("javac", { stderr: "src/A.java:4: error: cannot find symbol\n    x();\n    ^\n1 error\n" }, root)
        ?.diagnostics,
    ).toEqual([{ path: "src/A.java", line: 4, severity: "error", message: "cannot find symbol", source: "javac" }]);
    const maven = `[INFO] Compiling\n[ERROR] ${root}/src/A.java:[4,12] cannot find symbol\n`;
    expect(parse("maven", { stdout: maven }, root)?.diagnostics).toEqual([
      { path: "src/A.java", line: 4, column: 12, severity: "error", message: "cannot find symbol", source: "maven" },
    ]);
    const clang =
      "a.c:3:9: warning: unused variable 'x' [-Wunused-variable]\na.c:9:1: fatal error: 'no.h' file not found\n";
    expect(parse("clang", { stderr: clang }, root)?.diagnostics).toEqual([
      {
        path: "a.c",
        line: 3,
        column: 9,
        severity: "warning",
        message: "unused variable 'x'",
        rule: "unused-variable",
        source: "clang",
      },
      { path: "a.c", line: 9, column: 1, severity: "error", message: "'no.h' file not found", source: "clang" },
    ]);
  });

  test("and what lies outside of the project is left out", () => {
    const stdout =
      "../other.ts(1,1): error TS1: x\nnode_modules/a/index.ts(1,1): error TS1: x\n/etc/passwd(1,1): error TS1: x\n";
    const root = temporaryFolder({ ...sources, "node_modules/a/index.ts": "" });
    expect(parse("tsc", { stdout, exitCode: 2 }, root)).toMatchObject({ diagnostics: [] });
  });
});

describe("output that is not understood", () => {
  test.each(checkers.map((checker) => [checker.id, checker] as const))("is the problem of %s", (_id, checker) => {
    const { diagnostics, problem } = checker.parse(
      finishedRun(temporaryFolder(sources), { stderr: "Segmentation fault\n", exitCode: 139 }),
    );
    expect({ diagnostics, problem }).toEqual({ diagnostics: [], problem: "exit code 139: Segmentation fault" });
  });

  test("throws in no parser", () => {
    const root = temporaryFolder(sources);
    const piece = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        "[{",
        "]",
        "{\n",
        "\n}\n",
        "src/a.ts(1,1): error TS1: ",
        "::error ",
        "a.c:1:1: ",
        '{"reason":"compiler-message"',
        "\n",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom(...checkers), fc.nat(2), (pieces, checker, exitCode) => {
        const text = pieces.join("");
        const report = checker.parse(finishedRun(root, { stdout: text, stderr: text, exitCode }));
        for (const { path, line } of report.diagnostics) {
          expect(Object.keys(sources)).toContain(path);
          expect(line).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
