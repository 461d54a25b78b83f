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

/** What a patch says of one file. `blob` is that of the new content, where its lines changed. */
export interface PatchSection {
  blob: string | undefined;
  hunks: DiffHunk[];
}

const hunkHeader = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/;
const indexLine = /^index [0-9a-f]+\.\.([0-9a-f]+)/;

/** The files of a patch, in its order. Lines of files always follow a sign, so headers are never theirs. */
export function parsePatch(patch: string): PatchSection[] {
  const sections: PatchSection[] = [];
  let position = { old: 0, new: 0 };
  for (const text of patch.split("\n")) {
    if (text.startsWith("diff --git ")) {
      sections.push({ blob: undefined, hunks: [] });
      continue;
    }
    const section = sections.at(-1);
    if (section === undefined) continue;
    const header = hunkHeader.exec(text);
    if (header !== null) {
      position = { old: Number(header[1]), new: Number(header[2]) };
      section.hunks.push({ heading: header[3] ?? "", lines: [] });
    } else if (section.hunks.length === 0) section.blob ??= indexLine.exec(text)?.[1];
    else readInto(section, text, position);
  }
  return sections;
}

function readInto({ hunks }: PatchSection, text: string, position: { old: number; new: number }): void {
  const line = readLine(text, position);
  if (line !== undefined) hunks.at(-1)?.lines.push(line);
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
