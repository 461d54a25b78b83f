import { posix } from "node:path";

import { endingOf, pythonEndings, scriptEndings } from "./project-tool.ts";
import { type Project, seenFrom } from "./project.ts";

const mostTestsRead = 500;

/** Of scripts, which stand in folders for tests beside what helps them. */
export const hasTestName = (path: string): boolean =>
  /[.-](test|spec)\.\w+$|_test\.\w+$|^test[.-]/.test(posix.basename(path));

/** By the conventions of the language. */
export function isTestFile(path: string): boolean {
  const name = posix.basename(path);
  const ending = endingOf(path);
  if (pythonEndings.has(ending)) return /^test_|_test\.py$/.test(name);
  if (scriptEndings.has(ending)) {
    return hasTestName(path) || /(^|\/)(test|tests|__tests__)\//.test(path);
  }
  return /(Test|Tests|IT|Spec)\.(java|kt|groovy)$|^Test\w*\.java$|_test\.go$/.test(name);
}

/**
 * The test files for these files and folders, seen from the folder: those named after them, those that import them,
 * and all when none does. `paths` are seen from the folder, too.
 */
export function relatedTests(folder: string, paths: readonly string[], project: Project): string[] {
  const tests = project.files(folder).filter(isTestFile);
  const found = new Set<string>();
  for (const path of paths.map((one) => posix.join(folder, one))) {
    for (const test of testsFor(path, tests, project)) found.add(test);
  }
  return [...found].toSorted().map((path) => seenFrom(folder, path));
}

function testsFor(path: string, tests: readonly string[], project: Project): readonly string[] {
  if (project.isFolder(path)) return tests.filter((test) => path === "." || test.startsWith(`${path}/`));
  if (isTestFile(path)) return [path];
  const stem = stemOf(path);
  const alike = tests.filter((test) => endingGroup(test) === endingGroup(path));
  const byImport = new RegExp(importForm(endingGroup(path), RegExp.escape(stem)), "m");
  return alike.filter(
    (test, index) => testStem(test) === stem || (index < mostTestsRead && byImport.test(project.text(".", test))),
  );
}

const stemOf = (path: string): string => posix.basename(path).replace(/\.\w+$/, "");

/** The name of what a test is for: `cart` of `cart.test.ts`, `test_cart.py` and `cart_test.go`, `Cart` of `CartTest.java`. */
const testStem = (path: string): string =>
  stemOf(path)
    .replace(/[._-](test|spec)$|(?<=\w)(Tests?|IT|Spec)$/, "")
    .replace(/^(test_|test-|Test(?=[A-Z]))/, "");

function endingGroup(path: string): string {
  const ending = endingOf(path);
  if (scriptEndings.has(ending)) return "script";
  return pythonEndings.has(ending) ? "python" : ending;
}

function importForm(group: string, stem: string): string {
  if (group === "script") return `["'\`/]${stem}(\\.\\w+)?["'\`]`;
  if (group === "python") return `^\\s*(from|import)\\s.*\\b${stem}\\b`;
  return `\\b${stem}\\b`;
}
