import * as z from "zod";

import type { TestFailure, TestReport } from "../../protocol/checks.ts";
import type { FinishedRun } from "../project-tool.ts";
import { brief, innermostFrame, plain, problemOf, readJson } from "./read.ts";

const line = /^(not )?ok \d+ - (.*?)(?: # time=[\d.]+m?s)?(?: # (SKIP|TODO)\b.*)?$/;

/** `vitest --reporter=tap-flat`: a line for each test, and below a failed one its error as YAML with JSON strings. */
export function parseVitest(run: FinishedRun): TestReport {
  const report: TestReport = { runner: "vitest", passed: 0, failed: 0, skipped: 0, failures: [] };
  const lines = plain(run.stdout).split("\n");
  let isTap = false;
  for (const [index, text] of lines.entries()) {
    isTap ||= /^(TAP version|1\.\.\d)/.test(text);
    const [found, not, title = "", directive] = line.exec(text) ?? [];
    if (found === undefined) continue;
    if (directive !== undefined) report.skipped += 1;
    else if (not === undefined) report.passed += 1;
    else {
      report.failed += 1;
      report.failures.push(failureOf(title, blockBelow(lines, index), run));
    }
  }
  const isExplained = isTap && (run.exitCode === 0 || report.failed > 0 || /^1\.\.0$/m.test(run.stdout));
  return isExplained ? report : { ...report, problem: problemOf(run) };
}

function blockBelow(lines: readonly string[], index: number): string {
  if (lines[index + 1]?.trim() !== "---") return "";
  const end = lines.findIndex((text, at) => at > index && text.trim() === "...");
  return lines.slice(index + 2, end === -1 ? undefined : end).join("\n");
}

/** `test/cart.test.ts > cart > adds`; a title without `>` is a file that could not be loaded. */
function failureOf(title: string, block: string, run: FinishedRun): TestFailure {
  const [file = "", ...rest] = title.split(" > ");
  const path = run.locate(file);
  const value = (name: string): string =>
    readJson(new RegExp(`^\\s*${name}: (".*")$`, "m").exec(block)?.[1] ?? "", z.string(), /"/) ?? "";
  const where = { ...(path === undefined ? {} : { path }), ...innermostFrame(value("at"), run) };
  return { name: rest.length === 0 ? file : rest.join(" > "), message: brief(value("message")), ...where };
}
