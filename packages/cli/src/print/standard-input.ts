import { fstatSync } from "node:fs";
import { addAbortSignal } from "node:stream";

import { TrustError } from "@trust-cli/core/protocol";

import { writeNotice } from "./output.ts";

/** Nobody writes: a harness left the pipe open. Waiting for ever would look like a hang. */
const firstByteMilliseconds = 2000;
const largestInput = 4 * 1024 * 1024;

/**
 * The text on stdin: undefined when it is a terminal or nothing comes. With `required` it waits for as
 * long as it takes. Invalid UTF-8 is read with replacement characters. Rejects on abort, and stdin is closed then.
 */
export async function readStandardInput(required: boolean, signal?: AbortSignal): Promise<string | undefined> {
  if (process.stdin.isTTY || !isReadable()) return undefined;
  if (signal !== undefined) addAbortSignal(signal, process.stdin);
  const parts: Buffer[] = [];
  let size = 0;
  const timer = required ? undefined : setTimeout(ignoreSilentInput, firstByteMilliseconds);
  try {
    for await (const part of process.stdin as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      parts.push(part);
      size += part.length;
      if (size > largestInput) {
        throw new TrustError("INPUT_INVALID", "stdin holds more than 4 MiB", {
          hint: "pass a part of it, or name the file",
        });
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (parts.length > 0 || error instanceof TrustError) throw error;
  } finally {
    clearTimeout(timer);
  }
  const text = Buffer.concat(parts).toString("utf8");
  return text === "" ? undefined : text;
}

function ignoreSilentInput(): void {
  writeNotice("stdin was silent for 2 seconds and is ignored; close it with </dev/null");
  process.stdin.destroy();
}

/** Closed stdin, as cron and some services have it, is not an error. */
function isReadable(): boolean {
  try {
    fstatSync(0);
    return true;
  } catch {
    return false;
  }
}

/** The question first, then what was piped in, marked as data. */
export function promptWithInput(prompt: string | undefined, input: string | undefined): string | undefined {
  if (input === undefined) return prompt;
  if (prompt === undefined || prompt.trim() === "") return input;
  return `${prompt}\n\n<stdin>\n${input}${input.endsWith("\n") ? "" : "\n"}</stdin>`;
}
