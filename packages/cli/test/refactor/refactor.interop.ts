import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { callTool } from "@trust-cli/core/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

import { buildProgram } from "../support/program.ts";
import { type Refactoring, refactorAndUndo } from "../support/refactoring.ts";

const cache = join(process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop"), "source-packages");

const runTests = { check: callTool("run_tests", {}), passes: /^\d+ passed$/, allow: "run_tests" };

interface Demonstration {
  language: string;
  /** The programs that run its tests. */
  programs: readonly string[];
  refactoring: () => Omit<Refactoring, "source">;
}

const python: Demonstration = {
  language: "python",
  programs: ["python3"],
  refactoring: () => ({
    ...runTests,
    library: "Markdown",
    look: callTool("find_references", { name: "parseBoolValue" }),
    from: "parseBoolValue",
    to: "parse_bool_value",
    edits: [
      ["replace_lines", "markdown/util.py"],
      ["multi_edit", "markdown/extensions/__init__.py"],
      ["edit_file", "markdown/extensions/fenced_code.py"],
      ["edit_file", "markdown/extensions/codehilite.py"],
      ["apply_patch", "markdown/extensions/toc.py"],
      ["multi_edit", "tests/test_apis.py"],
    ],
    // Written for unittest: pytest warns of a class in this file, and another file makes errors of warnings.
    environment: {
      PYTHONDONTWRITEBYTECODE: "1",
      PYTEST_ADDOPTS: "-p no:cacheprovider --ignore=tests/test_syntax/extensions/test_md_in_html.py",
    },
  }),
};

const go: Demonstration = {
  language: "go",
  programs: ["go"],
  refactoring: () => ({
    ...runTests,
    library: "pflag",
    look: callTool("find_references", { name: "writeAsCSV" }),
    from: "writeAsCSV",
    to: "joinAsCSV",
    edits: [
      ["multi_edit", "string_slice.go"],
      ["replace_lines", "bool_slice.go"],
      ["edit_file", "ip_slice.go"],
      ["replace_lines", "ipnet_slice.go"],
      ["apply_patch", "string_array.go"],
    ],
    environment: { GOCACHE: execFileSync("go", ["env", "GOCACHE"], { encoding: "utf8" }).trim() },
  }),
};

const rust: Demonstration = {
  language: "rust",
  programs: ["cargo"],
  refactoring: () => ({
    ...runTests,
    library: "regex-syntax",
    look: callTool("search_code", { query: "allow invalid utf8" }),
    from: "allow_invalid_utf8",
    to: "permit_invalid_utf8",
    edits: [
      ["apply_patch", "src/hir/translate.rs"],
      ["multi_edit", "src/parser.rs"],
      ["replace_lines", "src/hir/literal/mod.rs"],
      ["edit_file", "src/hir/mod.rs"],
      ["edit_file", "src/hir/print.rs"],
    ],
    outputs: ["target"],
    environment: {
      CARGO_HOME: process.env["CARGO_HOME"] ?? join(homedir(), ".cargo"),
      RUSTUP_HOME: process.env["RUSTUP_HOME"] ?? join(homedir(), ".rustup"),
    },
  }),
};

const codec = "src/main/java/org/apache/commons/codec";
const codecTests = "src/test/java/org/apache/commons/codec";

const java: Demonstration = {
  language: "java",
  programs: ["mvn", "javac"],
  refactoring: () => ({
    ...runTests,
    check: callTool("run_tests", { paths: [`${codecTests}/binary/StringUtilsTest.java`, `${codecTests}/net`] }),
    library: "Commons Codec",
    look: callTool("find_references", { name: "getBytesUsAscii" }),
    from: "getBytesUsAscii",
    to: "bytesInUsAscii",
    edits: [
      ["edit_file", `${codec}/binary/StringUtils.java`],
      ["apply_patch", `${codec}/net/QuotedPrintableCodec.java`, `${codec}/net/RFC1522Codec.java`],
      ["replace_lines", `${codec}/net/URLCodec.java`],
      ["multi_edit", `${codecTests}/binary/StringUtilsTest.java`],
    ],
    outputs: ["target"],
    environment: { MAVEN_OPTS: `-Dmaven.repo.local=${join(cache, "maven-repository")}` },
  }),
};

beforeAll(buildProgram);

const skipped: string[] = [];
afterAll(() => {
  if (skipped.length > 0) process.stderr.write(`SKIPPED: refactorings in ${skipped.length} of 4 languages\n`);
});

/** Why a language cannot be shown here. */
function obstacle({ language, programs }: Demonstration): string | undefined {
  const missing = programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  if (missing.length > 0) return `${missing.join(" and ")} is not installed`;
  const isUnpacked = existsSync(join(cache, language, "stamp"));
  return isUnpacked ? undefined : "its library is not unpacked; run: npm run interop:setup -- source-packages";
}

for (const demonstration of [python, go, rust, java]) {
  const { language, refactoring } = demonstration;
  const reason = obstacle(demonstration);
  const title = `a refactoring of five files in ${language} passes its tests, and trust undo gives back every byte`;
  if (reason !== undefined) {
    skipped.push(language);
    process.stderr.write(`SKIPPED: a refactoring in ${language}: ${reason}\n`);
  }
  test.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (${reason})`, async () => {
    const size = await refactorAndUndo({ ...refactoring(), source: join(cache, language, "tree") });
    process.stdout.write(`${size}\n`);
    expect(size).not.toBe("");
  });
}
