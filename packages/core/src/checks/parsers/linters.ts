import * as z from "zod";

import type { Diagnostic } from "../../protocol/checks.ts";
import type { CheckReport, FinishedRun } from "../project-tool.ts";
import { checkReport } from "./compilers.ts";
import { plain, problemOf, readJson, readJsonLines } from "./read.ts";

interface Found {
  file: string;
  line: number;
  column?: number | undefined;
  severity: Diagnostic["severity"];
  message: string;
  rule?: string | null | undefined;
}

function report(checker: string, found: readonly Found[] | undefined, run: FinishedRun): CheckReport {
  if (found === undefined) return { checker, diagnostics: [], problem: problemOf(run) };
  const diagnostics = found.flatMap(({ file, line, column, severity, message, rule }): Diagnostic[] => {
    const path = run.locate(file);
    if (path === undefined) return [];
    const at = column === undefined ? {} : { column };
    const by = rule == null || rule === "" ? {} : { rule };
    return [{ path, line, ...at, severity, message, ...by, source: checker }];
  });
  return checkReport(checker, diagnostics, run);
}

const EslintReport = z.array(
  z.looseObject({
    filePath: z.string(),
    messages: z.array(
      z.looseObject({
        ruleId: z.string().nullish(),
        severity: z.number(),
        message: z.string(),
        line: z.number().optional(),
        column: z.number().optional(),
      }),
    ),
  }),
);

/** `--format json`. Messages without a line are about files that ESLint ignores. */
export function parseEslint(run: FinishedRun): CheckReport {
  const found = readJson(run.stdout, EslintReport, /\[/)?.flatMap(({ filePath, messages }) =>
    messages.flatMap(({ ruleId, severity, message, line, column }): Found[] =>
      line === undefined
        ? []
        : [{ file: filePath, line, column, severity: severity === 2 ? "error" : "warning", message, rule: ruleId }],
    ),
  );
  return report("eslint", found, run);
}

const OxlintReport = z.looseObject({
  diagnostics: z.array(
    z.looseObject({
      message: z.string(),
      code: z.string().optional(),
      severity: z.string(),
      filename: z.string(),
      labels: z.array(
        z.looseObject({ span: z.looseObject({ line: z.number().optional(), column: z.number().optional() }) }),
      ),
    }),
  ),
});

/** `-f json`. */
export function parseOxlint(run: FinishedRun): CheckReport {
  const found = readJson(run.stdout, OxlintReport, /\{/)?.diagnostics.map(
    ({ message, code, severity, filename, labels }): Found => {
      const { line = 1, column } = labels[0]?.span ?? {};
      return {
        file: filename,
        line,
        column,
        severity: severity === "error" ? "error" : "warning",
        message,
        rule: code,
      };
    },
  );
  return report("oxlint", found, run);
}

/** `--reporter=github`: `::error title=RULE,file=PATH,line=4,endLine=4,col=3,endColumn=9::MESSAGE`. */
export function parseBiome(run: FinishedRun): CheckReport {
  const lines = plain(`${run.stdout}\n${run.stderr}`).matchAll(/^::(error|warning|notice) ([^\n]*?)::([^\n]*)$/gm);
  const found = [...lines].flatMap(([, word, about = "", message = ""]): Found[] => {
    const value = (name: string): string | undefined => new RegExp(`(?:^|,)${name}=([^,]*)`).exec(about)?.[1];
    const [file, line, column] = [value("file"), value("line"), value("col")];
    if (file === undefined || line === undefined) return [];
    const severity = word === "error" ? "error" : "warning";
    const text = message.replaceAll("%0A", "\n").replaceAll("%25", "%");
    return [{ file, line: Number(line), column: Number(column ?? 1), severity, message: text, rule: value("title") }];
  });
  return report("biome", found, run);
}

const RuffReport = z.array(
  z.looseObject({
    code: z.string().nullish(),
    filename: z.string(),
    message: z.string(),
    location: z.looseObject({ row: z.number(), column: z.number() }),
  }),
);

/** `--output-format json`. Only what is no valid Python is an error. */
export function parseRuff(run: FinishedRun): CheckReport {
  const found = readJson(run.stdout, RuffReport, /\[/)?.map(({ code, filename, message, location }): Found => {
    const isSyntax = code == null || code === "invalid-syntax" || code.startsWith("E9");
    const { row: line, column } = location;
    return { file: filename, line, column, severity: isSyntax ? "error" : "warning", message, rule: code };
  });
  return report("ruff", found, run);
}

const PyrightReport = z.looseObject({
  generalDiagnostics: z.array(
    z.looseObject({
      file: z.string(),
      severity: z.string(),
      message: z.string(),
      rule: z.string().optional(),
      range: z.looseObject({ start: z.looseObject({ line: z.number(), character: z.number() }) }).optional(),
    }),
  ),
});

/** `--outputjson`. Its lines and columns count from 0. */
export function parsePyright(run: FinishedRun): CheckReport {
  const found = readJson(run.stdout, PyrightReport, /\{/)?.generalDiagnostics.flatMap(
    ({ file, severity, message, rule, range }): Found[] => {
      if (severity !== "error" && severity !== "warning") return [];
      const { line = 0, character = 0 } = range?.start ?? {};
      return [{ file, line: line + 1, column: character + 1, severity, message, rule }];
    },
  );
  return report("pyright", found, run);
}

const MypyLine = z.looseObject({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  message: z.string(),
  code: z.string().nullish(),
  severity: z.string(),
});

/** `--output json`, a line each. Its columns count from 0. */
export function parseMypy(run: FinishedRun): CheckReport {
  const found = readJsonLines(run.stdout, MypyLine).flatMap(
    ({ file, line, column, message, code, severity }): Found[] =>
      severity === "error"
        ? [{ file, line: Math.max(1, line), column: column + 1, severity, message, rule: code }]
        : [],
  );
  return report("mypy", found, run);
}
