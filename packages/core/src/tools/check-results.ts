import type { CheckReport, Plan } from "../checks/index.ts";
import type { ToolOutcome } from "../ports/tool.ts";
import type { Diagnostic, TestFailure, TestReport } from "../protocol/checks.ts";
import { TrustError } from "../protocol/errors.ts";
import { oneLine } from "../protocol/words.ts";
import { cutLine } from "../workspace/index.ts";
import type { ToolLimits } from "./limits.ts";
import { counted, done, failed, pathLine } from "./outcome.ts";

type Room = Pick<ToolLimits, "resultLines" | "resultBytes" | "lineColumns">;

/** What was found of nothing to run: what was looked for, and how to go on. */
export function nothingToRun<Report>(
  { missing }: Plan<Report>,
  { what, known, where }: { what: string; known: readonly string[]; where: string },
): TrustError {
  const reason =
    missing.length > 0
      ? `the project uses ${missing.join(", ")}, which is not installed`
      : `${where === "." ? "the folder" : where} uses none that is known (${known.join(", ")})`;
  return new TrustError("TOOL_FAILED", `no ${what} to run: ${reason}`, {
    hint: `If you know the command: run_command {"command": "..."}`,
  });
}

/** Counts first, then each failure with its place and message. */
export function testOutcome(reports: readonly TestReport[], room: Room): ToolOutcome {
  const heads = reports.map(headOf);
  const failures = reports.flatMap((report) => report.failures.map(failureText));
  const problems = reports.flatMap(({ runner, problem }) =>
    problem === undefined ? [] : [`${runner} could not run everything: ${problem}`],
  );
  const text = boundedText([...heads, ...failures, ...problems], room);
  const ran = (report: TestReport): number => report.passed + report.failed;
  const [failedTests, all] = [sum(reports, ({ failed: count }) => count), sum(reports, ran)];
  if (problems.length > 0 && all === 0) {
    return { ...failed(new TrustError("TOOL_FAILED", problems.join("\n"))), summary: "could not run" };
  }
  if (failedTests > 0) return done(text, `${failedTests} of ${all} failed`);
  if (problems.length > 0) return done(text, `${all} passed, not all ran`);
  return done(text, all === 0 ? "no tests" : `${all} passed`);
}

function headOf({ runner, passed, failed: count, skipped }: TestReport): string {
  if (passed + count + skipped === 0) return `no tests ran (${runner}); run_tests without paths runs all`;
  const parts = [`${passed} passed`, count > 0 ? `${count} failed` : "", skipped > 0 ? `${skipped} skipped` : ""];
  return `${parts.filter((part) => part !== "").join(", ")} (${runner})`;
}

function failureText({ name, message, path, line }: TestFailure): string {
  const at = path === undefined ? "" : ` (${pathLine(path)}${line === undefined ? "" : `:${line}`})`;
  const said = message === "" ? "" : `\n  ${message.replaceAll("\n", "\n  ")}`;
  return `FAILED ${oneLine(name)}${at}${said}`;
}

/** Errors first, file by file, then what could not be checked. */
export function checkOutcome(
  reports: readonly CheckReport[],
  { lines, missing }: { lines: readonly string[]; missing: readonly string[] },
  room: Room,
): ToolOutcome {
  const found = reports.flatMap(({ diagnostics }) => diagnostics);
  const problems = reports.flatMap(({ checker, problem }) =>
    problem === undefined ? [] : [`${checker} could not check: ${problem}`],
  );
  const absent = missing.length === 0 ? [] : [`not installed: ${missing.join(", ")}`];
  if (problems.length === reports.length) {
    return {
      ...failed(new TrustError("TOOL_FAILED", [...problems, ...absent].join("\n"))),
      summary: "could not check",
    };
  }
  const count = (severity: Diagnostic["severity"]): number => found.filter((one) => one.severity === severity).length;
  const [errors, warnings] = [count("error"), count("warning")];
  const parts = [errors > 0 ? counted(errors, "error") : "", warnings > 0 ? counted(warnings, "warning") : ""];
  const summary = parts.filter((part) => part !== "").join(", ") || "no problems";
  const head = `${summary} (${reports.map(({ checker }) => checker).join(", ")})`;
  return done([boundedText([head, ...lines], room), ...problems, ...absent].join("\n"), summary);
}

/** As many entries as there is room for; the first one always. */
function boundedText(entries: readonly string[], { resultLines, resultBytes, lineColumns }: Room): string {
  const shown: string[] = [];
  let [lines, bytes] = [0, 0];
  for (const entry of entries) {
    const cut = entry.split("\n").map((line) => cutLine(line, lineColumns));
    lines += cut.length;
    bytes += Buffer.byteLength(cut.join("\n")) + 1;
    if (shown.length > 0 && (lines > resultLines || bytes > resultBytes)) break;
    shown.push(cut.join("\n"));
  }
  const left = entries.length - shown.length;
  return [...shown, ...(left > 0 ? [`... ${left} more`] : [])].join("\n");
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);
