import type { ToolLimits } from "./limits.ts";

const around = 2;

/** The lines of `after` that differ from `before`, numbered, with two around them; empty when none may be shown. */
export function changedRegion(
  before: string,
  after: string,
  { changedLines, lineColumns }: Pick<ToolLimits, "changedLines" | "lineColumns">,
): string {
  if (changedLines === 0) return "";
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < now.length && start < old.length && now[start] === old[start]) start++;
  let tail = 0;
  while (tail < now.length - start && tail < old.length - start && now.at(-1 - tail) === old.at(-1 - tail)) tail++;
  const first = Math.max(0, start - around);
  const last = Math.min(now.length, now.length - tail + around);
  const shown = now.slice(first, Math.min(last, first + changedLines));
  const rows = shown.map((line, index) => `${String(first + index + 1).padStart(4)}\t${line.slice(0, lineColumns)}`);
  const more = last - first - shown.length;
  return [...rows, ...(more > 0 ? [`(${more} more changed lines)`] : [])].join("\n");
}

const linesOf = (text: string): string[] => text.replace(/\r?\n$/, "").split(/\r?\n/);
