import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import * as z from "zod";

import { parseJson } from "../protocol/json.ts";
import { makePrivateFolder } from "./private-folder.ts";

const kept = 1000;
const Line = z.string();

/** What a person typed in earlier sessions, oldest first. A convenience: it never fails the program. */
export interface InputHistory {
  load(): string[];
  add(text: string): void;
}

/** One JSON string a line; damaged lines are passed over; at most 1,000 entries are kept. */
export function createInputHistory(file: string): InputHistory {
  return {
    load() {
      const lines = readLines(file);
      if (lines.length > 2 * kept) shorten(file, lines.slice(-kept));
      return lines.slice(-kept).flatMap(parseLine);
    },
    add(text) {
      try {
        makePrivateFolder(dirname(file));
        appendFileSync(file, `${JSON.stringify(text)}\n`, { mode: 0o600 });
      } catch {
        // A read-only disk costs the history, not the chat.
      }
    },
  };
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}

function shorten(file: string, lines: readonly string[]): void {
  try {
    writeFileSync(`${file}.new`, `${lines.join("\n")}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // It stays long until the disk can be written.
  }
}

function parseLine(line: string): string[] {
  try {
    return [parseJson(line, Line, "input history")];
  } catch {
    return [];
  }
}
