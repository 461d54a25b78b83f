import { failure, ok, type Result, TrustError } from "../../protocol/errors.ts";

/** A run of lines of a patch: kept, removed and added ones, in order. */
export interface Hunk {
  /** Line of the old file at which it says it begins, counted from 1; models are often wrong about it. */
  line: number | undefined;
  lines: { kind: "kept" | "removed" | "added"; text: string }[];
}

/** What a patch does to one file. Without `from` it is new, without `to` it is removed. */
export interface FilePatch {
  from: string | undefined;
  to: string | undefined;
  hunks: Hunk[];
}

/**
 * Reads a unified diff as models write it: headers with or without `a/` and `b/`, wrong counts, `@@` without numbers,
 * empty context lines without their blank, a fence around it all; also the `*** Begin Patch` form. INPUT_INVALID for
 * what is no patch.
 */
export function parsePatch(text: string): Result<FilePatch[]> {
  const lines = withoutFence(text.replaceAll("\r\n", "\n").split("\n"));
  const files: FilePatch[] = [];
  for (let at = 0; at < lines.length;) {
    const header = readHeader(lines, at);
    if (header !== undefined) {
      files.push(header.file);
      at = header.next;
      continue;
    }
    const line = lines[at] ?? "";
    const file = files.at(-1);
    if (file !== undefined && !isNoise(line)) {
      const read = readHunk(lines, at, file);
      if (read === undefined) return failure(invalid(`line ${at + 1} is no line of a patch: ${line.slice(0, 80)}`));
      at = read;
    } else at++;
  }
  if (files.length === 0) return failure(invalid("there is no file header, such as --- a/src/app.ts"));
  return ok(files);
}

interface Header {
  file: FilePatch;
  next: number;
}

const begun: Readonly<Record<string, (path: string) => Omit<FilePatch, "hunks">>> = {
  "*** Add File: ": (path) => ({ from: undefined, to: path }),
  "*** Delete File: ": (path) => ({ from: path, to: undefined }),
  "*** Update File: ": (path) => ({ from: path, to: path }),
};

function readHeader(lines: readonly string[], at: number): Header | undefined {
  const line = lines[at] ?? "";
  const next = lines[at + 1] ?? "";
  if (line.startsWith("--- ") && next.startsWith("+++ ")) {
    const [from, to] = [pathIn(line.slice(4), "a/"), pathIn(next.slice(4), "b/")];
    return { file: { from, to, hunks: [] }, next: at + 2 };
  }
  if (line.startsWith("rename from ") && next.startsWith("rename to ")) {
    const file = { from: line.slice(12), to: next.slice(10), hunks: [] };
    // The usual header follows when its text changes, too.
    const follows = readHeader(lines, at + 2);
    return follows === undefined ? { file, next: at + 2 } : follows;
  }
  for (const [start, file] of Object.entries(begun)) {
    if (!line.startsWith(start)) continue;
    const isMoved = next.startsWith("*** Move to: ");
    const moved = isMoved ? { to: next.slice(13).trim() } : {};
    return { file: { ...file(line.slice(start.length).trim()), ...moved, hunks: [] }, next: at + (isMoved ? 2 : 1) };
  }
  return undefined;
}

/** `/dev/null` is no file. A time may follow the name, after a tab. */
function pathIn(text: string, prefix: string): string | undefined {
  const path = text.split("\t", 1)[0]?.trim() ?? "";
  if (path === "/dev/null") return undefined;
  const plain = /^"(.*)"$/.exec(path)?.[1] ?? path;
  return plain.startsWith(prefix) ? plain.slice(prefix.length) : plain;
}

const noise =
  /^(diff |index |similarity |dissimilarity |new file mode|deleted file mode|old mode|new mode|\*\*\* (Begin|End))/;
const isNoise = (line: string): boolean => line === "" || noise.test(line);

function readHunk(lines: readonly string[], start: number, file: FilePatch): number | undefined {
  const numbers = /^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)?)?/.exec(lines[start] ?? "");
  const first = numbers === null ? start : start + 1;
  const ends = lines.findIndex((line, at) => at >= first && endsHunk(line, lines, at));
  const end = ends < 0 ? lines.length : ends;
  const body = lines.slice(first, end);
  if (body.some((line) => line !== "" && !/^[ +\-\\]/.test(line))) return undefined;
  while (body.at(-1) === "") body.pop();
  if (body.length === 0) return numbers === null ? undefined : end;
  const said = body.filter((line) => !line.startsWith("\\"));
  file.hunks.push({
    line: numbers?.[1] === undefined ? undefined : Number(numbers[1]),
    lines: said.map((line) => ({ kind: kinds[line[0] ?? " "] ?? "kept", text: line.slice(1) })),
  });
  return end;
}

const endsHunk = (line: string, lines: readonly string[], at: number): boolean =>
  line.startsWith("@@") || line.startsWith("*** ") || noise.test(line) || readHeader(lines, at) !== undefined;

const kinds: Readonly<Record<string, Hunk["lines"][number]["kind"]>> = { "+": "added", "-": "removed" };

function withoutFence(lines: string[]): string[] {
  const first = lines.findIndex((line) => line.trim() !== "");
  if (lines[first]?.startsWith("```") !== true) return lines;
  const last = lines.findLastIndex((line) => /^```\s*$/.test(line));
  return lines.slice(first + 1, last > first ? last : lines.length);
}

function invalid(why: string): TrustError {
  return new TrustError("INPUT_INVALID", `this is no unified diff: ${why}`, {
    hint: "--- a/FILE, +++ b/FILE, then for each place @@ and lines that begin with a blank, - or +",
  });
}
