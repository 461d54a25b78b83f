import { diffLines } from "./diff.ts";

const marks = { same: " ", removed: "-", added: "+" } as const;

/** A unified diff without file names, each line with a line end. */
export function formatDiff(before: readonly string[], after: readonly string[], context = 3): string {
  const lines = diffLines(before, after).map(({ kind, line }) => `${marks[kind]}${line}\n`);
  return lines.join("");
}
