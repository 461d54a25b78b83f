import * as z from "zod";

import type { Diagnostic } from "../../protocol/checks.ts";
import type { CheckReport, FinishedRun } from "../project-tool.ts";
import { plain, problemOf, readJsonLines } from "./read.ts";

/** A report that names its problem when the tool failed without saying anything that was understood. */
export function checkReport(checker: string, diagnostics: readonly Diagnostic[], run: FinishedRun): CheckReport {
  const isSilent = run.exitCode !== 0 && diagnostics.length === 0;
  return { checker, diagnostics: [...diagnostics], ...(isSilent ? { problem: problemOf(run) } : {}) };
}

const severityOf = (word: string): Diagnostic["severity"] => (/error/i.test(word) ? "error" : "warning");

const located =
  /^((?:[A-Za-z]:)?[^\s:][^:\n]*?):(\d+):(?:(\d+):)? ?(?:(fatal error|error|warning|ERROR|WARNING): )?(.+?)(?: \[-W([\w+=-]+)\])?$/;
/** As Maven writes it: `[ERROR] path:[line,column] message`. */
const bracketed = /^\[(ERROR|WARNING)\] (.+?):\[(\d+),(\d+)\] (.+)$/;
const longestLine = 2000;

/**
 * `path:line:column: error: message [rule]` as gcc, clang and javac write it, each on one line. `unnamed` is the
 * severity of lines that name none; without it they are passed over.
 */
export const parseCompiler =
  (checker: string, unnamed?: Diagnostic["severity"]) =>
  (run: FinishedRun): CheckReport => {
    const lines = plain(`${run.stdout}\n${run.stderr}`).split("\n");
    const diagnostics = lines.flatMap((text): Diagnostic[] => {
      const usual = text.slice(0, longestLine).replace(bracketed, "$2:$3:$4: $1: $5");
      const [, file = "", line, column, word, message = "", rule] = located.exec(usual) ?? [];
      const severity = word === undefined ? unnamed : severityOf(word);
      const path = severity === undefined ? undefined : run.locate(file);
      if (path === undefined || severity === undefined) return [];
      const where = { path, line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) };
      return [{ ...where, severity, message, ...(rule === undefined ? {} : { rule }), source: checker }];
    });
    return checkReport(checker, unique(diagnostics), run);
  };

/** The same finding of several targets of a build counts once. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((one) => [JSON.stringify(one), one])).values()];
}

/** `path(line,column): error TS2322: message`, with further lines indented. */
export function parseTsc(run: FinishedRun): CheckReport {
  const form = /^(.+?)\((\d+),(\d+)\): (error|warning) (TS\d+): (.*)$/;
  const diagnostics: Diagnostic[] = [];
  let current: Diagnostic | undefined;
  for (const text of plain(run.stdout).split("\n")) {
    if (/^\s+\S/.test(text) && current !== undefined) {
      current.message += `\n${text}`;
      continue;
    }
    const [, file = "", line, column, word = "", rule = "", message = ""] = form.exec(text) ?? [];
    const path = file === "" ? undefined : run.locate(file);
    current =
      path === undefined
        ? undefined
        : {
            path,
            line: Number(line),
            column: Number(column),
            severity: severityOf(word),
            message,
            rule,
            source: "tsc",
          };
    if (current !== undefined) diagnostics.push(current);
  }
  return checkReport("tsc", diagnostics, run);
}

const Compiled = z.looseObject({
  reason: z.literal("compiler-message"),
  message: z.looseObject({
    level: z.string(),
    message: z.string(),
    code: z.looseObject({ code: z.string() }).nullish(),
    spans: z.array(
      z.looseObject({
        file_name: z.string(),
        line_start: z.number(),
        column_start: z.number(),
        is_primary: z.boolean(),
      }),
    ),
  }),
});

/** `cargo check --message-format=json`. */
export function parseCargoCheck(run: FinishedRun): CheckReport {
  const diagnostics = readJsonLines(run.stdout, Compiled).flatMap(({ message: found }): Diagnostic[] => {
    const span = found.spans.find(({ is_primary }) => is_primary);
    const path = span === undefined ? undefined : run.locate(span.file_name);
    if (span === undefined || path === undefined || !/^(error|warning)/.test(found.level)) return [];
    const where = { path, line: span.line_start, column: span.column_start };
    const rule = found.code == null ? {} : { rule: found.code.code };
    return [{ ...where, severity: severityOf(found.level), message: found.message, ...rule, source: "cargo check" }];
  });
  return checkReport("cargo check", unique(diagnostics), run);
}
