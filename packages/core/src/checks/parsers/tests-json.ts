import * as z from "zod";

import type { TestFailure, TestReport } from "../../protocol/checks.ts";
import type { FinishedRun } from "../project-tool.ts";
import { brief, innermostFrame, plain, problemOf, readJson } from "./read.ts";

const Report = z.looseObject({
  testResults: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string().optional(),
      message: z.string().nullish(),
      assertionResults: z.array(
        z.looseObject({
          fullName: z.string().nullish(),
          title: z.string().nullish(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});
type Suite = z.infer<typeof Report>["testResults"][number];
type Assertion = Suite["assertionResults"][number];

/** `jest --json`. A file that could not be loaded counts as one that failed. */
export function parseJest(run: FinishedRun): TestReport {
  const runner = "jest";
  const report = readJson(run.stdout, Report, /\{"num(?:Total|Failed|Passed)/);
  if (report === undefined) {
    return { runner, passed: 0, failed: 0, skipped: 0, failures: [], problem: problemOf(run) };
  }
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some(isFailed),
  );
  const failures = [
    ...unloaded.map((suite) => suiteFailure(suite, run)),
    ...report.testResults.flatMap((suite) =>
      suite.assertionResults.filter(isFailed).map((one) => testFailure(one, suite, run)),
    ),
  ];
  const passed = all.filter(({ status }) => status === "passed").length;
  return {
    runner,
    passed,
    failed: failures.length,
    skipped: all.length - passed - all.filter(isFailed).length,
    failures,
  };
}

const isFailed = ({ status }: Assertion): boolean => status === "failed";

function suiteFailure({ name, message }: Suite, run: FinishedRun): TestFailure {
  const path = run.locate(name);
  const text = plain(message ?? "");
  return {
    name: path ?? name,
    message: brief(text),
    ...(path === undefined ? {} : { path }),
    ...innermostFrame(text, run),
  };
}

function testFailure({ fullName, title, failureMessages }: Assertion, { name }: Suite, run: FinishedRun): TestFailure {
  const text = (failureMessages ?? []).join("\n");
  const path = run.locate(name);
  const where = { ...(path === undefined ? {} : { path }), ...innermostFrame(text, run) };
  return { name: (fullName ?? title ?? "a test").trim(), message: brief(text), ...where };
}

const MochaReport = z.looseObject({
  stats: z.looseObject({ passes: z.number(), pending: z.number(), failures: z.number() }),
  failures: z.array(
    z.looseObject({
      fullTitle: z.string(),
      file: z.string().nullish(),
      err: z.looseObject({ message: z.string().optional(), stack: z.string().optional() }),
    }),
  ),
});

export function parseMocha(run: FinishedRun): TestReport {
  const report = readJson(run.stdout, MochaReport, /\{\s*"stats"/);
  if (report === undefined) {
    return { runner: "mocha", passed: 0, failed: 0, skipped: 0, failures: [], problem: problemOf(run) };
  }
  const failures = report.failures.map(({ fullTitle, file, err }): TestFailure => {
    const path = run.locate(file ?? "");
    const where = { ...(path === undefined ? {} : { path }), ...innermostFrame(err.stack ?? "", run) };
    return { name: fullTitle, message: brief(err.message ?? err.stack ?? ""), ...where };
  });
  const { passes, pending } = report.stats;
  return { runner: "mocha", passed: passes, failed: report.stats.failures, skipped: pending, failures };
}
