import type { Direction, Undone } from "@trust-cli/core/journal";

const did: Record<Direction, string> = { undo: "Undid", redo: "Redid" };

/** What was taken back or repeated, a line for each turn and each file. */
export function undoneText(direction: Direction, { turns, files }: Undone): string {
  const heads = turns.map(({ id, title }) => `${did[direction]} t${id}: ${title}\n`);
  const rows = files.map(({ path, how }) => `  ${how.padEnd(9)} ${path}\n`);
  return [...heads, ...rows].join("");
}
