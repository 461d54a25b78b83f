import { diffLines } from "./diff.ts";

const marks = { same: " ", removed: "-", added: "+" } as const;

/** A unified diff without file names, each line with a line end. */
export function formatDiff(before: readonly string[], after: readonly string[], context = 3): string {
  const changes = diffLines(before, after);
  const shown = new Set<number>();
  for (const [index, { kind }] of changes.entries()) {
    if (kind === "same") continue;
    for (let near = index - context; near <= index + context; near++) shown.add(near);
  }
  let text = "";
  let hunk: string[] = [];
  let old = { start: 0, count: 0, line: 0 };
  let fresh = { start: 0, count: 0, line: 0 };
  const flush = (): void => {
    if (hunk.length > 0) text += `@@ -${side(old)} +${side(fresh)} @@\n${hunk.join("")}`;
    hunk = [];
  };
  for (const [index, { kind, line }] of changes.entries()) {
    if (!shown.has(index)) flush();
    else if (hunk.length === 0) {
      old = { ...old, start: old.line, count: 0 };
      fresh = { ...fresh, start: fresh.line, count: 0 };
    }
    if (kind !== "added") old = { ...old, line: old.line + 1, count: old.count + 1 };
    if (kind !== "removed") fresh = { ...fresh, line: fresh.line + 1, count: fresh.count + 1 };
    if (shown.has(index)) hunk.push(`${marks[kind]}${line}\n`);
  }
  flush();
  return text;
}

/** `start` is the number of lines before the hunk. */
function side({ start, count }: { start: number; count: number }): string {
  if (count === 0) return `${start},0`;
  return count === 1 ? `${start + 1}` : `${start + 1},${count}`;
}
