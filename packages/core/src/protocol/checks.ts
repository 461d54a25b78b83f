/** What a checker has against a place. `path` is relative to the root, with `/`; lines and columns count from 1. */
export interface Diagnostic {
  path: string;
  line: number;
  column?: number;
  severity: "error" | "warning";
  message: string;
  rule?: string;
  /** The checker, such as `tsc`. */
  source: string;
}

/** `path` and `line`: the innermost frame inside the workspace. */
export interface TestFailure {
  name: string;
  message: string;
  path?: string;
  line?: number;
}

/** What a test runner said. `problem`: why it could not run everything, with what it wrote last. */
export interface TestReport {
  runner: string;
  passed: number;
  failed: number;
  skipped: number;
  failures: TestFailure[];
  problem?: string;
}
