export interface Change {
  kind: "same" | "removed" | "added";
  line: string;
}

/** The shortest list of changes from one list of lines to another. */
export function diffLines(before: readonly string[], after: readonly string[]): Change[] {
  throw new Error("not implemented");
}

/** What a list of changes leads to. */
export function applyChanges(changes: readonly Change[]): string[] {
  return changes.filter(({ kind }) => kind !== "removed").map(({ line }) => line);
}
