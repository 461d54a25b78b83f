import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import * as z from "zod";

import { TrustError } from "../../protocol/errors.ts";
import { parseJson } from "../../protocol/json.ts";

/** A line of the host's log. What native code wrote by itself has no time and no process. */
export interface HostLogLine {
  time?: string | undefined;
  level: string;
  message: string;
  pid?: number | undefined;
}

const LogLine = z.object({ time: z.string(), level: z.string(), message: z.string(), pid: z.int() });

const tailBytes = 256 * 1024;
const startedMessage = "started";
const leavesPrefix = "leaves: ";
/** How native code and Node say why they end. */
const lastWords = /GGML_ASSERT|GGML_ABORT|ggml_abort|terminate called|what\(\): |FATAL ERROR|^\w*Error: |out of memory/;

/** The last `count` lines of the log, oldest first; none when there is no log. */
export function readHostLog(file: string, count: number): HostLogLine[] {
  const lines = readTail(file, tailBytes).split("\n");
  return lines
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .map(readLine);
}

/** What ended the host with this process id, as the rest of a sentence about it, by what it wrote last. */
export function howHostEnded(file: string, pid: number | undefined): string {
  const lines = readHostLog(file, Infinity);
  const isStart = ({ message }: HostLogLine): boolean => message === startedMessage;
  const begin = lines.findLastIndex((line) => isStart(line) && line.pid === pid) + 1;
  const next = lines.findIndex((line, index) => index >= begin && isStart(line));
  const life = lines.slice(begin, next < 0 ? undefined : next);
  const words = life.find(({ time, message }) => time === undefined && lastWords.test(message))?.message.trim();
  if (words !== undefined) return `crashed: ${words}`;
  const left = life.findLast(({ message, pid: by }) => by === pid && message.startsWith(leavesPrefix))?.message;
  if (left !== undefined) return `left: ${left.slice(leavesPrefix.length)}`;
  return "was killed or crashed without a word, perhaps because memory ran out";
}

function readLine(line: string): HostLogLine {
  try {
    return parseJson(line, LogLine, "host log");
  } catch (error) {
    if (error instanceof TrustError) return { level: "error", message: line };
    throw error;
  }
}

/** The end of a file, from the beginning of a line. */
function readTail(file: string, most: number): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(descriptor);
    const length = Math.min(size, most);
    const bytes = Buffer.alloc(length);
    const text = bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, length, size - length));
    return length === size ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    closeSync(descriptor);
  }
}
