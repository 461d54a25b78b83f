import { posix } from "node:path";

import type { Diagnostic, TestReport } from "../protocol/checks.ts";
import { shellWord } from "../protocol/words.ts";
import type { Project } from "./project.ts";

/** Where a tool runs and on what: `paths` are seen from `folder`, and none means all that is there. */
export interface Scope {
  folder: string;
  paths: readonly string[];
  /** Tests whose name has this. */
  name?: string | undefined;
}

/** A run that has ended. */
export interface FinishedRun {
  stdout: string;
  stderr: string;
  exitCode: number;
  folder: string;
  root: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** The path from the root of what the tool named; undefined for what is not the project's own. */
  locate: (named: string) => string | undefined;
}

export interface CheckReport {
  checker: string;
  diagnostics: Diagnostic[];
  /** Why the checker could not do its work, with what it wrote last. */
  problem?: string;
}

/** A checker or a test runner as an entry of a table. */
export interface ProjectTool<Report> {
  id: string;
  /** Of one family only the first that a folder uses is run there. */
  family: string;
  /** Endings of the files that it is for, without the dot. */
  extensions: ReadonlySet<string>;
  /** Whether the project says in this very folder that it uses it. */
  uses(folder: string, project: Project): boolean;
  /** The command line, to be run in `folder`; undefined where it is not installed. */
  command(scope: Scope, project: Project): string | undefined;
  /** It goes through the whole folder, whatever the paths. */
  isWhole?: true;
  /** Must not throw, whatever was written. */
  parse(run: FinishedRun): Report;
  /** What it writes is meant for people, so that it can be shown as it comes. */
  isReadable?: true;
}

export type Checker = ProjectTool<CheckReport>;
export type TestRunner = ProjectTool<TestReport>;

export const scriptEndings = new Set(["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"]);
export const pythonEndings = new Set(["py", "pyi"]);
export const cEndings = new Set(["c", "h", "cc", "cpp", "cxx", "hpp", "hh"]);

export const endingOf = (path: string): string => posix.extname(path).slice(1).toLowerCase();

/** A command line of the words that there are; undefined when its program is not there. */
export function commandLine(program: string | undefined, ...words: (string | undefined)[]): string | undefined {
  if (program === undefined) return undefined;
  return [shellWord(program), ...words.filter((word) => word !== undefined).map(argument)].join(" ");
}

/** Behind the program `=` needs no quotes. */
const argument = (text: string): string => (/^[\w./:@=,+-]+$/.test(text) ? text : shellWord(text));

/** Whether a package of the folder names another as a dependency or in its scripts. */
export function dependsOn(folder: string, name: string, project: Project): boolean {
  return project.text(folder, "package.json").includes(`"${name}"`);
}

export const hasAny = (folder: string, names: readonly string[], project: Project): boolean =>
  names.some((name) => project.has(folder, name));
