import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { constants, open, rm } from "node:fs/promises";

import { TrustError } from "../../protocol/errors.ts";
import type { Descriptor } from "../manifest.ts";
import { sizeOf, storeError } from "../store/files.ts";
import type { KitStore } from "../store/kit-store.ts";
import type { StoreWork } from "../store/work.ts";
import { type Answer, type RegistryClient, discard, textOf } from "./client.ts";
import { answerError, isBrokenConnection, isWorthRetry } from "./failure.ts";
import { PartialBlob } from "./partial-blob.ts";

/** Tries without a single new byte; with progress they begin anew. */
const triesWithoutProgress = 5;
const readSize = 2 ** 20;
const onlyTheOwner = 0o600;

export interface DownloadOptions {
  client: RegistryClient;
  store: KitStore;
  work: StoreWork;
  repository: string;
  signal: AbortSignal;
  /** How much of the blob is here. */
  onBytes: (here: number) => void;
}

/**
 * Brings a blob into the store. What an earlier try left is read again and continued; a blob gets its name only
 * when its digest is right.
 */
export async function downloadBlob(blob: Descriptor, options: DownloadOptions): Promise<void> {
  const { store, work, signal, onBytes } = options;
  using _lock = await work.lockBlob(blob.digest, signal);
  if (await isWhole(store.blobPath(blob.digest), blob, signal)) {
    onBytes(blob.size);
    return;
  }
  const path = work.partialPath(blob.digest);
  try {
    const isContinued = await downloadOnce(path, blob, options);
    // Only what an earlier process left can be at fault: without it the error was thrown.
    if (!isContinued) await downloadOnce(path, blob, options);
    await work.keep(path, blob.digest);
  } catch (cause) {
    throw storeError(path, cause);
  }
}

/** What is there counts only when its bytes are right: a pull also repairs. */
async function isWhole(path: string, blob: Descriptor, signal: AbortSignal): Promise<boolean> {
  if ((await sizeOf(path)) !== blob.size) return false;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: readSize, signal })) hash.update(chunk as Buffer);
  return `sha256:${hash.digest("hex")}` === blob.digest;
}

/** False when the digest was wrong because of what was there before; it is gone now. */
async function downloadOnce(path: string, blob: Descriptor, options: DownloadOptions): Promise<boolean> {
  await using file = await open(path, constants.O_RDWR | constants.O_CREAT, onlyTheOwner);
  const partial = new PartialBlob(file, blob);
  const before = await partial.readAgain(options.signal);
  options.onBytes(before);
  await fetchRest(partial, blob, options);
  const digest = partial.digest();
  if (digest === blob.digest) return true;
  await rm(path);
  if (before > 0) return false;
  throw new TrustError("KIT_CORRUPT", `the registry sent other bytes for ${blob.digest}: they have ${digest}`, {
    hint: "nothing of them was kept; the registry or something before it is broken",
  });
}

async function fetchRest(partial: PartialBlob, blob: Descriptor, options: DownloadOptions): Promise<void> {
  const { client, signal, onBytes } = options;
  const what = `downloading ${blob.digest.slice(0, 19)}`;
  let failures = 0;
  while (partial.size < blob.size) {
    const before = partial.size;
    try {
      const answer = await ask(partial, blob, options);
      await partial.append(answer, () => onBytes(partial.size));
      if (partial.size === blob.size) return;
      throw new CutShort();
    } catch (error) {
      await partial.settle();
      signal.throwIfAborted();
      const mayHelp = error instanceof CutShort || error instanceof Overloaded || isBrokenConnection(error);
      if (!mayHelp) throw client.explain(what, error);
      failures = partial.size > before ? 1 : failures + 1;
      if (failures >= triesWithoutProgress) throw lastError(what, error, client);
      await client.pause(failures, signal, error instanceof Overloaded ? error.retryAfter : undefined);
    }
  }
}

/** The answer ended before all was there, although the connection ended well. */
class CutShort extends Error {}

/** The registry asks to come again. */
class Overloaded extends Error {
  readonly answer: TrustError;
  readonly retryAfter: string | undefined;

  constructor(answer: TrustError, retryAfter: string | undefined) {
    super();
    this.answer = answer;
    this.retryAfter = retryAfter;
  }
}

function lastError(what: string, error: unknown, client: RegistryClient): unknown {
  if (error instanceof Overloaded) return error.answer;
  if (!(error instanceof CutShort)) return client.explain(what, error);
  return new TrustError("REGISTRY_FAILED", `${what}: the registry ends before the blob does`, {
    hint: "what arrived is kept; the same command goes on from there",
  });
}

/** Asks for what is missing. A registry that sends all from the beginning makes the partial start anew. */
async function ask(partial: PartialBlob, blob: Descriptor, options: DownloadOptions): Promise<Answer> {
  const { client, repository, signal } = options;
  const what = `downloading ${blob.digest.slice(0, 19)}`;
  const url = `/v2/${repository}/blobs/${blob.digest}`;
  const range = partial.size > 0 ? { range: `bytes=${partial.size}-` } : {};
  const answer = await client.call({ method: "GET", url, what, headers: range, signal, retries: false });
  const { statusCode, headers } = answer;
  if (statusCode === 206 && startOf(headers["content-range"]) === partial.size) return answer;
  if (statusCode === 200) {
    await partial.startAnew();
    return answer;
  }
  if (partial.size > 0 && (statusCode === 206 || statusCode === 416)) {
    await discard(answer);
    await partial.startAnew();
    return ask(partial, blob, options);
  }
  const failure = answerError(what, statusCode, await textOf(answer));
  const retryAfter = headers["retry-after"];
  if (isWorthRetry(statusCode)) throw new Overloaded(failure, typeof retryAfter === "string" ? retryAfter : undefined);
  throw failure;
}

function startOf(contentRange: string | string[] | undefined): number | undefined {
  const start = /^bytes (\d+)-/.exec(String(contentRange))?.[1];
  return start === undefined ? undefined : Number(start);
}
