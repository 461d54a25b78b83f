import { stripVTControlCharacters } from "node:util";

import type * as z from "zod";

import { parseUnknownJson } from "../../protocol/json.ts";
import type { FinishedRun } from "../project-tool.ts";

const messageLines = 12;
const messageColumns = 300;
const tailLines = 30;
const tailCharacters = 3000;

const closings: Readonly<Record<string, string>> = { "{": "}", "[": "]", '"': '"' };

/** JSON of a known shape, from the first place where it begins; undefined for anything else. */
export function readJson<T>(text: string, schema: z.ZodType<T>, opening = /[[{]/): T | undefined {
  const from = text.search(opening);
  if (from === -1) return undefined;
  const body = text.slice(from).trimEnd();
  const last = body.lastIndexOf(closings[body[0] ?? ""] ?? "}");
  try {
    return schema.safeParse(parseUnknownJson(body.slice(0, last + 1), "output")).data;
  } catch {
    return undefined;
  }
}

/** Each line that is an object of a known shape. */
export function readJsonLines<T>(text: string, schema: z.ZodType<T>): T[] {
  return text.split("\n").flatMap((line) => {
    const value = line.startsWith("{") ? readJson(line, schema) : undefined;
    return value === undefined ? [] : [value];
  });
}

/** The last lines of what a tool wrote: for tools that did not say what was expected. */
export function problemOf({ stdout, stderr, exitCode }: FinishedRun): string {
  const written = [stderr, stdout].map((text) => plain(text).trim()).find((text) => text !== "") ?? "it wrote nothing";
  const tail = written.split("\n").slice(-tailLines).join("\n").slice(-tailCharacters);
  return `exit code ${exitCode}: ${tail}`;
}

export const plain = (text: string): string => stripVTControlCharacters(text).replaceAll("\r\n", "\n");

/** The first lines of what a failure says, without the stack below it. */
export function brief(text: string): string {
  const lines = plain(text)
    .split(/^(?:stack backtrace:|goroutine \d+ \[)/m, 1)
    .join("")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+at .*[:(]/.test(line));
  const shown = lines.slice(0, messageLines).map((line) => line.slice(0, messageColumns));
  return [...shown, ...(lines.length > messageLines ? ["..."] : [])].join("\n").trim();
}

const frameForm =
  /File "([^"]+)", line (\d+)|\((?:file:\/\/)?([^()\n]{1,400}?):(\d+):\d+\)|((?:file:\/\/)?(?:[A-Za-z]:[\\/])?[^\s()'":,[\]]{1,300}\.\w{1,10}):(\d+)/g;
const frameCharacters = 30_000;

/** The place nearest to the fault that is the project's own: the first frame, or for Python the last one. */
export function innermostFrame(
  text: string,
  { locate }: Pick<FinishedRun, "locate">,
  order: "first" | "last" = "first",
): { path?: string; line?: number } {
  const matches = [...plain(text).slice(0, frameCharacters).matchAll(frameForm)];
  for (const match of order === "first" ? matches : matches.toReversed()) {
    const path = locate(match[1] ?? match[3] ?? match[5] ?? "");
    if (path !== undefined) return { path, line: Number(match[2] ?? match[4] ?? match[6]) };
  }
  return {};
}
