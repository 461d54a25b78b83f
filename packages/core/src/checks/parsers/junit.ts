import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import type { TestFailure, TestReport } from "../../protocol/checks.ts";
import type { FinishedRun } from "../project-tool.ts";
import { brief, innermostFrame, plain, problemOf } from "./read.ts";
import { elementsOf, readXml, type XmlElement } from "./xml.ts";

/** What `node --test` prints for `junit`; its report for people is on stderr. */
export function parseNodeTest(run: FinishedRun): TestReport {
  const cases = elementsOf(readXml(run.stdout), "testcase");
  // A file of which no test was chosen is a case of its own.
  const isFile = ({ attributes: { name = "", file = "" } }: XmlElement): boolean => file.endsWith(`/${name}`);
  const tests = cases.filter((one) => one.children.length > 0 || !isFile(one));
  const report = reportOf("node:test", tests, run);
  const failures = report.failures.map((failure) => (failure.message === unsaid ? withCause(failure, run) : failure));
  return cases.length === 0 && run.exitCode !== 0 ? { ...report, problem: problemOf(run) } : { ...report, failures };
}

/** All that is said of a file which could not be loaded. */
const unsaid = "test failed";

function withCause(failure: TestFailure, run: FinishedRun): TestFailure {
  const errors = [...plain(run.stderr).matchAll(/^(?:\w*Error\b.*)(?:\n(?!\n|\w*Error\b).+)*/gm)].map(([text]) => text);
  const own = errors.find((text) => text.includes(failure.path ?? failure.name)) ?? errors[0];
  return own === undefined ? failure : { ...failure, message: brief(own), ...innermostFrame(own, run) };
}

/** The reports that Maven or Gradle wrote during the run, in these folders of each module. */
export const parseReportFiles =
  (runner: string, folders: readonly string[]) =>
  (run: FinishedRun): TestReport => {
    const texts = modulesOf(join(run.root, run.folder)).flatMap((module) =>
      folders.flatMap((folder) => reportsIn(join(module, folder), run.startedAt)),
    );
    const cases = texts.flatMap((text) => elementsOf(readXml(text), "testcase"));
    const report = reportOf(runner, cases, run);
    const isExplained = run.exitCode === 0 || report.failed > 0;
    return isExplained ? report : { ...report, problem: problemOf(run) };
  };

function reportOf(runner: string, cases: readonly XmlElement[], run: FinishedRun): TestReport {
  const has = (name: string) => (one: XmlElement) => one.children.some((child) => child.name === name);
  const failed = cases.filter((one) => has("failure")(one) || has("error")(one));
  const skipped = cases.filter(has("skipped")).length;
  const failures = failed.map((one) => failureOf(one, run));
  return { runner, passed: cases.length - failed.length - skipped, failed: failed.length, skipped, failures };
}

function failureOf({ attributes, children }: XmlElement, run: FinishedRun): TestFailure {
  const fault = children.find(({ name }) => name === "failure" || name === "error");
  const [text, said] = [fault?.text.trim() ?? "", fault?.attributes["message"] ?? ""];
  const { name = "a test", classname = "", file = "" } = attributes;
  const message = brief(said === "" ? text : said);
  // `shop.CartTest` of Java; Node writes `test`.
  if (/^[\w$]+\.[\w.$]+$|^[A-Z][\w$]*$/.test(classname)) {
    return { name: `${classname}.${name}`, message, ...javaFrame(text, classname, run) };
  }
  const path = run.locate(file);
  const where = { ...(path === undefined ? {} : { path }), ...innermostFrame(text, run) };
  return { name, message, ...where };
}

/** `at shop.CartTest.adds(CartTest.java:12)`: the file is below a source folder, in the folders of the package. */
function javaFrame(text: string, classname: string, run: FinishedRun): { path?: string; line?: number } {
  for (const [, owner = "", file = "", line] of text.matchAll(/at ([\w.$/@-]{1,300})\(([\w$]+\.\w+):(\d+)\)/g)) {
    const folder = owner.replace(/^.*\//, "").split(".").slice(0, -2).join("/");
    const path = sourcePath(folder, file, run);
    if (path !== undefined) return { path, line: Number(line) };
  }
  const parts = classname.replace(/\$.*$/, "").split(".");
  const path = sourcePath(parts.slice(0, -1).join("/"), `${parts.at(-1)}.java`, run);
  return path === undefined ? {} : { path };
}

function sourcePath(folder: string, file: string, { root, folder: at, locate }: FinishedRun): string | undefined {
  const modules = modulesOf(join(root, at));
  for (const module of modules) {
    for (const source of ["src/test/java", "src/main/java", "src/test/kotlin", "src/main/kotlin"]) {
      const path = locate(join(module, source, folder, file));
      if (path !== undefined) return path;
    }
  }
  return undefined;
}

/** The folder and those right below it: the modules of a build. */
function modulesOf(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith("."),
    );
    return [folder, ...below.map(({ name }) => join(folder, name))];
  } catch {
    return [folder];
  }
}

/** File systems keep times in whole milliseconds or coarser. */
const clockSlack = 2000;

function reportsIn(folder: string, since: number): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".xml"))
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).mtimeMs >= since - clockSlack)
      .map((path) => readFileSync(path, "utf8"));
  } catch {
    return [];
  }
}
