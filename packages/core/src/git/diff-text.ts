import { oneLine } from "../protocol/words.ts";
import { isLockFile, type StagedFile } from "./staged-diff.ts";

/** How much of a diff a model is shown: fewer lines around changes, then fewer lines, then names only. */
interface Detail {
  context: boolean;
  linesPerFile: number;
}

const details: readonly Detail[] = [
  { context: true, linesPerFile: 400 },
  { context: false, linesPerFile: 200 },
  { context: false, linesPerFile: 60 },
  { context: false, linesPerFile: 20 },
  { context: false, linesPerFile: 6 },
  { context: false, linesPerFile: 0 },
];
const longestLine = 200;
const longestFile = 5000;
const mostFiles = 60;

/** The diff as text for a model, in ever fewer words. Lock files and binaries are one line each. */
export function* diffTexts(files: readonly StagedFile[]): Generator<string, void, void> {
  const ordered = files.toSorted((one, other) => Number(one.generated) - Number(other.generated));
  for (const detail of details) {
    const shown = ordered.slice(0, mostFiles).map((file) => fileText(file, detail));
    const rest = ordered.length > mostFiles ? [`(and ${ordered.length - mostFiles} more files)`] : [];
    yield [...shown, ...rest].join("\n");
  }
  yield `${files.length} files changed: ${files
    .slice(0, 10)
    .map(({ path }) => oneLine(path))
    .join(", ")}`;
}

function fileText(file: StagedFile, { context, linesPerFile }: Detail): string {
  const path = oneLine(file.path);
  const head = [`diff --git a/${oneLine(file.oldPath ?? file.path)} b/${path}`, ...notes(file)];
  const lines = (isRead(file) ? (file.hunks ?? []) : []).flatMap(({ heading, lines: all }) => [
    ...(heading === "" ? [] : [`@@ ${heading}`]),
    ...all.filter(({ kind }) => context || kind !== "context").map(({ kind, text }) => sign[kind] + cut(text)),
  ]);
  const left = lines.length - linesPerFile;
  const more = left > 0 && linesPerFile > 0 ? [`(${left} more lines)`] : [];
  return [...head, ...lines.slice(0, linesPerFile), ...more].join("\n");
}

/** Lines that are worth a model's time. */
export const isRead = ({ hunks, generated, added, deleted }: StagedFile): boolean =>
  hunks !== undefined && !generated && added + deleted <= longestFile;

const sign = { context: " ", added: "+", deleted: "-" } as const;

function notes(file: StagedFile): string[] {
  const { change, binary, path, added, deleted } = file;
  const kind = { added: ["new file"], deleted: ["deleted file"], renamed: ["renamed"], copied: ["copied"] } as const;
  const word: readonly string[] = change in kind ? kind[change as keyof typeof kind] : [];
  if (binary) return [...word, "(binary)"];
  if (!isRead(file)) {
    return [...word, `(${isLockFile(path) ? "lock file" : "generated or very long"}: +${added} -${deleted} lines)`];
  }
  return [...word];
}

const cut = (text: string): string => (text.length > longestLine ? `${text.slice(0, longestLine)}…` : text);
