/** One line of a diff. `line` is its number in the new file, or in the old one for a deleted line. */
export interface DiffLine {
  kind: "context" | "added" | "deleted";
  line: number;
  text: string;
}

/** Consecutive lines; `heading` is what Git shows after `@@`, mostly the enclosing function. */
export interface DiffHunk {
  heading: string;
  lines: DiffLine[];
}

const hunkHeader = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/;

/** The hunks of each file of a patch, in its order. Lines of files always follow a sign, so headers are never theirs. */
export function parsePatch(patch: string): DiffHunk[][] {
  const files: DiffHunk[][] = [];
  let position = { old: 0, new: 0 };
  for (const text of patch.split("\n")) {
    if (text.startsWith("diff --git ")) {
      files.push([]);
      continue;
    }
    const file = files.at(-1);
    const header = hunkHeader.exec(text);
    if (header !== null) {
      position = { old: Number(header[1]), new: Number(header[2]) };
      file?.push({ heading: header[3] ?? "", lines: [] });
      continue;
    }
    const hunk = file?.at(-1);
    const line = hunk === undefined ? undefined : readLine(text, position);
    if (line !== undefined) hunk?.lines.push(line);
  }
  return files;
}

function readLine(text: string, position: { old: number; new: number }): DiffLine | undefined {
  const rest = text.slice(1).replace(/\r$/, "");
  switch (text[0]) {
    case "+":
      return { kind: "added", line: position.new++, text: rest };
    case "-":
      return { kind: "deleted", line: position.old++, text: rest };
    case " ":
      position.old++;
      return { kind: "context", line: position.new++, text: rest };
    default:
      return undefined;
  }
}
