import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";

import * as z from "zod";

import { parseJson } from "../../../protocol/json.ts";
import { writeWhole } from "./write-whole.ts";

const Known = z.record(z.string(), z.string());
const mostKnown = 200;
const sliceBytes = 1 << 20;
const busyPauseMilliseconds = 200;

/**
 * SHA-256 of a file as hexadecimal text. Read once, while nobody waits, and remembered by path, size, time and inode:
 * a file that was written anew is read again.
 */
export async function weightsDigest(
  path: string,
  { directory, isBusy, signal }: { directory: string; isBusy: () => boolean; signal: AbortSignal },
): Promise<string> {
  const { size, mtimeMs, ino } = statSync(path);
  const key = JSON.stringify([path, size, mtimeMs, ino]);
  const file = join(directory, "weights.json");
  const found = readKnown(file)[key];
  if (found !== undefined) return found;
  const digest = await digestOf(path, { isBusy, signal });
  const entries = [...Object.entries(readKnown(file)), [key, digest]].slice(-mostKnown);
  writeWhole(file, JSON.stringify(Object.fromEntries(entries)));
  return digest;
}

/** Reads a file in slices, between which others run. */
export async function digestOf(
  path: string,
  { isBusy = () => false, signal }: { isBusy?: () => boolean; signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(sliceBytes);
  const file = openSync(path, "r");
  try {
    for (;;) {
      signal?.throwIfAborted();
      const read = readSync(file, buffer);
      if (read === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, read));
      await (isBusy() ? setTimeout(busyPauseMilliseconds) : setImmediate());
    }
  } finally {
    closeSync(file);
  }
}

function readKnown(file: string): Record<string, string> {
  try {
    return parseJson(readFileSync(file, "utf8"), Known, file);
  } catch {
    return {};
  }
}
