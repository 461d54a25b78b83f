import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";

import * as z from "zod";

import { parseJson } from "../../../protocol/json.ts";
import { slicesOf } from "./file-slices.ts";
import { writeWhole } from "./write-whole.ts";

const Known = z.record(z.string(), z.string());
const mostKnown = 200;
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

async function digestOf(
  path: string,
  { isBusy, signal }: { isBusy: () => boolean; signal: AbortSignal },
): Promise<string> {
  const hash = createHash("sha256");
  for (const slice of slicesOf(path)) {
    signal.throwIfAborted();
    hash.update(slice);
    await (isBusy() ? setTimeout(busyPauseMilliseconds) : setImmediate());
  }
  return hash.digest("hex");
}

function readKnown(file: string): Record<string, string> {
  try {
    return parseJson(readFileSync(file, "utf8"), Known, file);
  } catch {
    return {};
  }
}
