import { closeSync, openSync, readSync } from "node:fs";

const sliceBytes = 1 << 20;

/** A file from its start to its end. Every slice lies in the same memory: it holds until the next is asked for. */
export function* slicesOf(path: string): Generator<Buffer, void, void> {
  const buffer = Buffer.allocUnsafe(sliceBytes);
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) yield buffer.subarray(0, read);
  } finally {
    closeSync(file);
  }
}
