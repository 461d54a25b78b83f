import type { TestFailure, TestReport } from "../../protocol/checks.ts";
import type { FinishedRun } from "../project-tool.ts";
import { brief, innermostFrame, plain, problemOf } from "./read.ts";

const count = (text: string, form: RegExp): number => Number(form.exec(text)?.[1] ?? 0);

const longestSummary = 1000;
const summaryForm = /\d (?:passed|failed|errors?|skipped|deselected)|no tests ran/;

/** `pytest -rfE --tb=short`: a section for each failure, the counts in the last line. */
export function parsePytest(run: FinishedRun): TestReport {
  const text = plain(run.stdout);
  const last = text.split("\n").findLast((line) => line.length < longestSummary && summaryForm.test(line)) ?? "";
  const failed = count(last, /(\d+) failed/) + count(last, /(\d+) errors?/);
  const passed = count(last, /(\d+) passed/) + count(last, /(\d+) xpassed/);
  const skipped = count(last, /(\d+) skipped/) + count(last, /(\d+) xfailed/);
  const failures = [...text.matchAll(/^_{3,} (.+?) _{3,}\n([\s\S]*?)(?=^_{3,} .+? _{3,}$|^={3,} )/gm)].map(
    ([, title = "", body = ""]): TestFailure => {
      const said = [...body.matchAll(/^E {1,3}(.*)$/gm)].map(([, line = ""]) => line);
      const shown = said.length > 0 ? said.join("\n") : body;
      const frames = [...body.matchAll(/^(\S[^:\n]*):(\d+): /gm)].toReversed();
      const own = frames.map(([, path = "", line]) => ({ path: run.locate(path), line: Number(line) }));
      const found = own.find(({ path }) => path !== undefined);
      const where =
        found?.path === undefined ? innermostFrame(body, run, "last") : { path: found.path, line: found.line };
      return { name: title, message: brief(shown), ...where };
    },
  );
  const report = { runner: "pytest", passed, failed, skipped, failures };
  return last === "" ? { ...report, problem: problemOf(run) } : report;
}

/** `python -m unittest`: sections between lines of `=` and `-`, the counts at the end. */
export function parseUnittest(run: FinishedRun): TestReport {
  const text = plain(run.stderr);
  const total = /^Ran (\d+) tests? in /m.exec(text);
  const end = /^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$/m.exec(text)?.[1] ?? "";
  const failed = count(end, /failures=(\d+)/) + count(end, /errors=(\d+)/);
  const skipped = count(end, /skipped=(\d+)/);
  const failures = [
    ...text.matchAll(/^={10,}\n(?:FAIL|ERROR): (.+)\n(?:.*\n)?-{10,}\n([\s\S]*?)(?=^={10,}$|^-{10,}$)/gm),
  ].map(([, title = "", body = ""]): TestFailure => {
    const said = body.split("\n").filter((line) => line !== "" && !/^(\s|Traceback)/.test(line));
    return { name: title, message: brief(said.join("\n")), ...innermostFrame(body, run, "last") };
  });
  const passed = Math.max(0, Number(total?.[1] ?? 0) - failed - skipped);
  const report = { runner: "unittest", passed, failed, skipped, failures };
  return total === null ? { ...report, problem: problemOf(run) } : report;
}

/** What the harness of Rust prints, one `test result` for each program; `---- name stdout ----` for failures. */
export function parseCargoTest(run: FinishedRun): TestReport {
  const text = plain(run.stdout);
  const results = [...text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/gm)];
  const sum = (group: number): number => results.reduce((total, result) => total + Number(result[group]), 0);
  const failures = [...text.matchAll(/^---- (.+?)(?: stdout)? ----\n([\s\S]*?)(?=^---- |^failures:$)/gm)].map(
    ([, name = "", body = ""]): TestFailure => {
      const said = body.replace(/^note: run with .*$/gm, "").trim();
      const message = said.replace(/^thread '.*?'(?: \(\d+\))? panicked at .*?:\d+:\d+:\n/, "");
      return { name, message: brief(message), ...innermostFrame(said, run) };
    },
  );
  const report = { runner: "cargo test", passed: sum(1), failed: sum(2), skipped: sum(3), failures };
  return run.exitCode !== 0 && sum(2) === 0 ? { ...report, problem: problemOf(run) } : report;
}

const ctestLine = /^ *\d+\/\d+ Test +#\d+: (.+?) [ .]*(Passed|\*\*\*[\w ]+?|SKIPPED) +[\d.]+ sec/gm;

/** `ctest --output-on-failure`: a line for each test, and below it what it wrote. */
export function parseCtest(run: FinishedRun): TestReport {
  const text = plain(run.stdout);
  const tests = [...text.matchAll(ctestLine)].map(({ 0: line, 1: name = "", 2: end = "", index }) => {
    const rest = text.slice(index + line.length);
    const output = rest.slice(0, rest.search(/^ *(?:\d+\/\d+ Test|Start +\d+:)|^\d+% tests passed/m)).trim();
    return { name, end, output };
  });
  const isSkipped = ({ end }: { end: string }): boolean => /skipped|not run.*disabled/i.test(end);
  const bad = tests.filter((test) => test.end !== "Passed" && !isSkipped(test));
  const failures = bad.map(({ name, end, output }): TestFailure => {
    const how = end.replaceAll("*", "").trim();
    const isSaid = output !== "" && !/^sec$/.test(output);
    return { name, message: isSaid ? brief(`${how}\n${output}`) : how, ...innermostFrame(output, run) };
  });
  const skipped = tests.filter(isSkipped).length;
  const passed = tests.length - bad.length - skipped;
  const report = { runner: "ctest", passed, failed: bad.length, skipped, failures };
  return run.exitCode !== 0 && bad.length === 0 ? { ...report, problem: problemOf(run) } : report;
}
