export interface Change {
  kind: "same" | "removed" | "added";
  line: string;
}

/** The shortest list of changes from one list of lines to another. */
export function diffLines(before: readonly string[], after: readonly string[]): Change[] {
  const lengths = commonLengths(before, after);
  const changes: Change[] = [];
  let added: Change[] = [];
  let i = 0;
  let j = 0;
  const length = (a: number, b: number): number => lengths[a]?.[b] ?? 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      changes.push(...added, { kind: "same", line: before[i] ?? "" });
      added = [];
      i++;
      j++;
    } else if (i < before.length && (j === after.length || length(i + 1, j) >= length(i, j + 1))) {
      changes.push({ kind: "removed", line: before[i++] ?? "" });
    } else added.push({ kind: "added", line: after[j++] ?? "" });
  }
  return [...changes, ...added];
}

/** How long the longest common list of lines is, from each place on. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? [];
    const below = lengths[i + 1] ?? [];
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}

/** What a list of changes leads to. */
export function applyChanges(changes: readonly Change[]): string[] {
  return changes.filter(({ kind }) => kind !== "removed").map(({ line }) => line);
}
