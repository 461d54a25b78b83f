import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { failure, ok, parseJson, type Result, TrustError } from "@trust-cli/core/protocol";
import { fileError, readTextFile, type ResolvedPath, writeFileAtomically } from "@trust-cli/core/workspace";
import type * as z from "zod";

const largest = 64_000_000;
const attempts = 20;

/** A file of ours that several processes may change; there is nothing between the old and the new content. */
export interface JsonFile<T> {
  path: string;
  /** What it is called in errors. */
  name: string;
  schema: z.ZodType<T>;
  empty: T;
  /** What a person can do when it is damaged. */
  hint?: string;
}

export async function readJsonFile<T>(file: JsonFile<T>): Promise<Result<T>> {
  const read = await readVersion(file);
  return read.ok ? ok(read.value.value) : read;
}

const queues = new Map<string, Promise<unknown>>();

/**
 * Reads, changes and writes: in this process one after another, and once more when another process came between.
 * `change` may fail, then nothing is written.
 */
export async function changeJsonFile<T>(file: JsonFile<T>, change: (value: T) => Result<T>): Promise<Result<T>> {
  const before = queues.get(file.path);
  const work = (before ?? Promise.resolve()).then(() => changeNow(file, change));
  const settled = work.catch(() => undefined);
  queues.set(file.path, settled);
  try {
    return await work;
  } finally {
    if (queues.get(file.path) === settled) queues.delete(file.path);
  }
}

async function changeNow<T>(file: JsonFile<T>, change: (value: T) => Result<T>): Promise<Result<T>> {
  try {
    await mkdir(dirname(file.path), { recursive: true, mode: 0o700 });
  } catch (error) {
    return failure(fileError(error, file.name, "write"));
  }
  for (let attempt = 1; ; attempt++) {
    const read = await readVersion(file);
    if (!read.ok) return read;
    const changed = change(read.value.value);
    if (!changed.ok) return changed;
    const bytes = Buffer.from(`${JSON.stringify(changed.value)}\n`);
    const written = await writeFileAtomically(target(file), bytes, read.value.version);
    if (written.ok) return changed;
    if (written.error.code !== "FILE_CONFLICT" || attempt === attempts) return written;
  }
}

const target = ({ path, name }: JsonFile<unknown>): ResolvedPath => ({ path, name, kind: "file" });

interface Version<T> {
  value: T;
  version: string | undefined;
}

/** Another process may put a new file in its place at any time, which is no reason to fail. */
async function readVersion<T>(file: JsonFile<T>): Promise<Result<Version<T>>> {
  for (let attempt = 1; ; attempt++) {
    const read = await readOnce(file);
    if (read.ok || read.error.code !== "FILE_CONFLICT" || attempt === attempts) return read;
    await sleep(attempt);
  }
}

async function readOnce<T>(file: JsonFile<T>): Promise<Result<Version<T>>> {
  if (!existsSync(file.path)) return ok({ value: file.empty, version: undefined });
  const read = await readTextFile(target(file), { maxBytes: largest });
  if (!read.ok) return read;
  try {
    const value = parseJson(read.value.text, file.schema, file.name, "STORAGE_FAILED");
    return ok({ value, version: read.value.version });
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return failure(new TrustError(error.code, error.message, { hint: file.hint, cause: error }));
  }
}
