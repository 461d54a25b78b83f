import { open } from "node:fs/promises";

import { TrustError } from "../protocol/errors.ts";

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
/** The end record is 22 bytes, before a comment of at most 65,535. */
const longestEnd = 22 + 65_535;
const largestDirectory = 32 * 2 ** 20;

/** An MCP server is one zip file with `manifest.json` at its root; anything else is KIT_INVALID. */
export async function checkServerBundle(path: string, name: string): Promise<void> {
  const invalid = (why: string): TrustError => new TrustError("KIT_INVALID", `${name} is no MCP bundle: ${why}`);
  await using file = await open(path, "r").catch((cause: unknown) => {
    throw new TrustError("KIT_INVALID", `${name} cannot be read: ${(cause as Error).message}`, { cause });
  });
  const stats = await file.stat();
  if (!stats.isFile()) throw invalid("it is no file");
  const tail = Buffer.alloc(Math.min(stats.size, longestEnd));
  await file.read(tail, 0, tail.length, stats.size - tail.length);
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw invalid("it is no zip archive");
  const length = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (length > largestDirectory || offset + length > stats.size) throw invalid("its directory is broken");
  const directory = Buffer.alloc(length);
  await file.read(directory, 0, length, offset);
  if (!namesIn(directory).includes("manifest.json")) throw invalid("it has no manifest.json at its root");
}

function namesIn(directory: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === directoryEntry;) {
    const nameLength = directory.readUInt16LE(at + 28);
    names.push(directory.toString("utf8", at + 46, at + 46 + nameLength));
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return names;
}
