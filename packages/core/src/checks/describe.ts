import type { Diagnostic } from "../protocol/checks.ts";
import { oneLine } from "../protocol/words.ts";

/** `src/a.ts:3:5: error TS2322: message (tsc)`, one line. */
export function diagnosticLine({ path, line, column, severity, message, rule, source }: Diagnostic): string {
  const at = [oneLine(path), line, ...(column === undefined ? [] : [column])].join(":");
  return `${at}: ${severity}${rule === undefined ? "" : ` ${rule}`}: ${oneLine(message)} (${source})`;
}

/** Errors first, then file by file. */
export const bySeverity = (one: Diagnostic, other: Diagnostic): number =>
  rank(one) - rank(other) || compare(one.path, other.path) || one.line - other.line;

const rank = ({ severity }: Diagnostic): number => (severity === "error" ? 0 : 1);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
