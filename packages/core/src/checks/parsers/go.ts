import { posix } from "node:path";

import * as z from "zod";

import type { Diagnostic, TestFailure, TestReport } from "../../protocol/checks.ts";
import type { CheckReport, FinishedRun } from "../project-tool.ts";
import { parseCompiler } from "./compilers.ts";
import { brief, innermostFrame, plain, problemOf, readJson, readJsonLines } from "./read.ts";

const Event = z.looseObject({
  Action: z.string(),
  Package: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
});
type Event = z.infer<typeof Event>;

/** `go test -json`. A package that does not compile is the report's problem. */
export function parseGoTest(run: FinishedRun): TestReport {
  const events = readJsonLines(run.stdout, Event);
  const outputs = new Map<string, string>();
  for (const { Action, Output = "", ...event } of events) {
    if (Action === "output") outputs.set(keyOf(event), (outputs.get(keyOf(event)) ?? "") + Output);
  }
  const failedTests = events.filter(({ Action, Test }) => Action === "fail" && Test !== undefined);
  // A test whose subtest failed says nothing of its own.
  const isParent = ({ Package, Test }: Event): boolean =>
    failedTests.some((other) => other.Package === Package && other.Test?.startsWith(`${Test}/`) === true);
  const failures = failedTests
    .filter((event) => !isParent(event))
    .map((event) => failureOf(event, outputs.get(keyOf(event)) ?? "", run));
  const ended = (action: string): number =>
    events.filter(({ Action, Test }) => Action === action && Test !== undefined).length;
  const report = {
    runner: "go test",
    passed: ended("pass"),
    failed: failures.length,
    skipped: ended("skip"),
    failures,
  };
  const broken = run.exitCode !== 0 && failures.length === 0;
  if (!broken && !events.some(({ Action }) => Action === "build-fail")) return report;
  const built = events.filter(({ Action }) => Action === "build-output").map(({ Output = "" }) => Output);
  const said = [
    ...built,
    ...events.filter(({ Action, Test }) => Action === "output" && Test === undefined).map(({ Output = "" }) => Output),
  ];
  return { ...report, problem: problemOf({ ...run, stdout: said.length > 0 ? said.join("") : run.stdout }) };
}

const keyOf = ({ Package, Test }: { Package?: string | undefined; Test?: string | undefined }): string =>
  `${Package} ${Test}`;

function failureOf({ Package = "", Test = "" }: Event, output: string, run: FinishedRun): TestFailure {
  const own = plain(output)
    .split("\n")
    .filter((line) => !/^\s*(=== |--- )/.test(line))
    .map((line) => line.trim());
  const [first, ...rest] = own.filter((line) => line !== "");
  const message = [first?.replace(/^[\w.-]+\.go:\d+: /, ""), ...rest].filter((line) => line !== undefined).join("\n");
  return { name: Test, message: brief(message), ...goFrame(Package, own.join("\n"), run) };
}

/** Frames of tests name the file alone: its folder is the end of the package's path. */
function goFrame(name: string, text: string, run: FinishedRun): { path?: string; line?: number } {
  const parts = name.split("/");
  const folders = parts.map((_, index) => parts.slice(index + 1).join("/"));
  const locate = (file: string): string | undefined => {
    const inPackage = file.includes("/") ? undefined : folders.map((folder) => run.locate(posix.join(folder, file)));
    return inPackage?.find((path) => path !== undefined) ?? run.locate(file);
  };
  return innermostFrame(text, { locate });
}

const Findings = z.record(
  z.string(),
  z.record(z.string(), z.array(z.looseObject({ posn: z.string(), message: z.string() })).or(z.looseObject({}))),
);

/** `go vet -json`: an object for each package among comments, and what does not compile as text. */
export function parseGoVet(run: FinishedRun): CheckReport {
  const text = plain(`${run.stdout}\n${run.stderr}`);
  const end = text.lastIndexOf("\n}") + 2;
  const form = /^\{$[\s\S]*?^\}$/gm;
  const objects = [...text.slice(0, end).matchAll(form)].map(([one]) => one);
  const found = objects.flatMap((one) => Object.values(readJson(one, Findings) ?? {}));
  const diagnostics = found.flatMap((analyzers) =>
    Object.entries(analyzers).flatMap(([rule, list]) =>
      (Array.isArray(list) ? list : []).flatMap(({ posn, message }): Diagnostic[] => {
        const [, file = "", line, column] = /^(.*):(\d+):(\d+)$/.exec(posn) ?? [];
        const path = run.locate(file);
        if (path === undefined) return [];
        return [
          { path, line: Number(line), column: Number(column), severity: "warning", message, rule, source: "go vet" },
        ];
      }),
    ),
  );
  const rest = (text.slice(0, end).replaceAll(form, "") + text.slice(end)).replaceAll(/^vet: /gm, "");
  const compiled = parseCompiler("go vet", "error")({ ...run, stdout: rest, stderr: "" });
  return { ...compiled, diagnostics: [...compiled.diagnostics, ...diagnostics] };
}
