import { failure, ok, type Result, TrustError } from "../../protocol/errors.ts";

/** A run of lines of a patch: kept, removed and added ones, in order. */
export interface Hunk {
  /** Line of the old file at which it says it begins, counted from 1; models are often wrong about it. */
  line: number | undefined;
  /** `isLast`: the patch says that no line break follows. */
  lines: { kind: "kept" | "removed" | "added"; text: string; isLast: boolean }[];
}

/** What a patch does to one file. Without `from` it is new, without `to` it is removed. */
export interface FilePatch {
  from: string | undefined;
  to: string | undefined;
  /** It says so itself. */
  isMove?: boolean;
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
      const problem = problemOf(header.file);
      if (problem !== undefined) return failure(invalid(problem));
      files.push(header.file);
      at = header.next;
      continue;
    }
    const refused = unsupported(lines, at);
    if (refused !== undefined) return failure(invalid(refused));
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
    return { file: { ...pathsIn(line.slice(4), next.slice(4)), hunks: [] }, next: at + 2 };
  }
  if (line.startsWith("rename from ") && next.startsWith("rename to ")) return readRename(lines, at);
  for (const [start, file] of Object.entries(begun)) {
    if (!line.startsWith(start)) continue;
    const isMoved = next.startsWith("*** Move to: ");
    const moved = isMoved ? { to: next.slice(13).trim(), isMove: true } : {};
    return { file: { ...file(line.slice(start.length).trim()), ...moved, hunks: [] }, next: at + (isMoved ? 2 : 1) };
  }
  return undefined;
}

/** The usual header may follow, when the text of the file changes, too. */
function readRename(lines: readonly string[], at: number): Header {
  const moved = { from: lines[at]?.slice(12), to: lines[at + 1]?.slice(10), isMove: true };
  const next = lines.findIndex((line, index) => index > at + 1 && !isNoise(line));
  const follows = lines[next]?.startsWith("--- ") === true ? readHeader(lines, next) : undefined;
  return { file: { ...moved, hunks: [] }, next: follows?.next ?? at + 2 };
}

/** `a/` and `b/` are Git's only where both sides have them; otherwise they are folders. */
function pathsIn(first: string, second: string): Pick<FilePatch, "from" | "to"> {
  const [from, to] = [pathIn(first), pathIn(second)];
  const isMarked = (from?.startsWith("a/") ?? true) && (to?.startsWith("b/") ?? true);
  return isMarked ? { from: from?.slice(2), to: to?.slice(2) } : { from, to };
}

/** `/dev/null` is no file. A time may follow the name, after a tab. */
function pathIn(text: string): string | undefined {
  const path = text.split("\t", 1)[0]?.trim() ?? "";
  return path === "/dev/null" ? undefined : (/^"([^\\]*)"$/.exec(path)?.[1] ?? path);
}

/** What such a patch means and we do not do: undefined when there is nothing of the kind. */
function unsupported(lines: readonly string[], at: number): string | undefined {
  const line = lines[at] ?? "";
  if (/^(copy from |GIT binary patch|Binary files |old mode )/.test(line))
    return `${line.slice(0, 40)} is not supported`;
  if (!/^(new|deleted) file mode /.test(line)) return undefined;
  const next = lines.slice(at + 1).find((one) => !one.startsWith("index ")) ?? "";
  return next.startsWith("--- ") ? undefined : "it makes or removes an empty file: use write_file or delete_file";
}

/** What is wrong with the names in a header. */
function problemOf({ from, to, isMove }: FilePatch): string | undefined {
  const isQuoted = [from, to].some((path) => path?.startsWith('"') === true);
  if (isQuoted) return "it has a file name with escaped characters; write the name as it is";
  if (from === undefined || to === undefined || from === to || isMove === true) return undefined;
  return `it names two files, ${from} and ${to}; to move one: rename from, rename to, or move_file`;
}

const noise =
  /^(diff |index |similarity |dissimilarity |new file mode|deleted file mode|old mode|new mode|copy |GIT binary|Binary files |\*\*\* (Begin|End))/;
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
  file.hunks.push({ line: numbers?.[1] === undefined ? undefined : Number(numbers[1]), lines: linesOf(body) });
  return end;
}

function linesOf(body: readonly string[]): Hunk["lines"] {
  const lines: Hunk["lines"] = [];
  for (const line of body) {
    const before = lines.at(-1);
    if (!line.startsWith("\\"))
      lines.push({ kind: kinds[line[0] ?? " "] ?? "kept", text: line.slice(1), isLast: false });
    else if (before !== undefined) before.isLast = true;
  }
  return lines;
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
  return new TrustError("INPUT_INVALID", `this patch cannot be applied: ${why}`, {
    hint: "--- a/FILE, +++ b/FILE, then for each place @@ and lines that begin with a blank, - or +",
  });
}
