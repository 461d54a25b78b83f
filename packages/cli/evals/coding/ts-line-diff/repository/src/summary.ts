import { diffLines } from "./diff.ts";

/** Such as "2 added, 1 removed". */
export function summarise(before: readonly string[], after: readonly string[]): string {
  const changes = diffLines(before, after);
  const count = (wanted: string): number => changes.filter(({ kind }) => kind === wanted).length;
  return `${count("added")} added, ${count("removed")} removed`;
}
