import { readFile, stat } from "node:fs/promises";

import { TrustError } from "@trust-cli/core/protocol";

const mostBytes = 4 * 1024 * 1024;

/** The text of a source file, which errors call `name`. Throws INPUT_INVALID for what is none. */
export async function readCode(path: string, name: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw invalid(`${name} has ${size} bytes, which is too large for source code`);
    return textOf(await readFile(path), name);
  } catch (error) {
    if (error instanceof TrustError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw invalid(`${name} is not there`, error);
    if (code === "EISDIR") throw invalid(`${name} is a folder`, error);
    throw invalid(`${name} cannot be read: ${message}`, error);
  }
}

function textOf(bytes: Buffer, name: string): string {
  if (bytes.includes(0)) throw invalid(`${name} is a binary file`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalid(`${name} is not UTF-8 text`, error);
  }
}

export interface Cursor {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units; undefined for the line's end. */
  column: number | undefined;
}

/** What stands before and behind a cursor in a text. Throws INPUT_INVALID for a place that is not in it. */
export function splitAt(text: string, name: string, { line, column }: Cursor): { prefix: string; suffix: string } {
  const lines = text.split("\n");
  const own = lines[line - 1]?.replace(/\r$/, "");
  if (own === undefined) throw invalid(`${name} has ${counted(lines.length, "line")}, so there is no line ${line}`);
  const before = column === undefined ? own.length : column - 1;
  if (before > own.length) {
    throw invalid(`line ${line} of ${name} ends at column ${own.length + 1}, so there is no column ${column}`);
  }
  if (!own.slice(0, before).isWellFormed()) throw invalid(`column ${column} is in the middle of a character`);
  const at = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + before;
  return { prefix: text.slice(0, at), suffix: text.slice(at) };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const invalid = (message: string, cause?: unknown): TrustError => new TrustError("INPUT_INVALID", message, { cause });
