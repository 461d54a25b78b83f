import { createReadStream } from "node:fs";

import { TrustError } from "../../protocol/errors.ts";
import type { Descriptor } from "../manifest.ts";
import { type Answer, discard, type RegistryClient, textOf } from "./client.ts";
import { answerError, isBrokenConnection, isWorthRetry } from "./failure.ts";

const pieceSize = 100 * 2 ** 20;
const readSize = 2 ** 20;
const triesWithoutProgress = 5;
/** These take an upload only in one piece. */
const wholeOnly = /(?:^|\.)(?:ghcr\.io|gcr\.io|pkg\.dev|amazonaws\.com)(?::\d+)?$/;

export interface UploadOptions {
  client: RegistryClient;
  registry: string;
  repository: string;
  /** Another repository of this registry that may have the blob. */
  mountFrom: string | undefined;
  signal: AbortSignal;
  /** How much of the blob the registry has. */
  onBytes: (there: number) => void;
  /** Uploads that are larger go in pieces of this size. */
  pieceSize?: number | undefined;
}

export type Uploaded = "sent" | "mounted" | "there";

/** Brings a blob to the registry, unless it has it. */
export async function uploadBlob(path: string, blob: Descriptor, options: UploadOptions): Promise<Uploaded> {
  const { client, repository, mountFrom, signal, onBytes } = options;
  const what = whatFor(blob);
  const head = await client.call({ method: "HEAD", url: `/v2/${repository}/blobs/${blob.digest}`, what, signal });
  await discard(head);
  if (head.statusCode === 200) return "there";
  const mount =
    mountFrom === undefined ? "" : `?${new URLSearchParams({ mount: blob.digest, from: mountFrom }).toString()}`;
  const begun = await client.expect({ method: "POST", url: uploads(repository) + mount, what, signal }, 201, 202);
  await discard(begun);
  if (begun.statusCode === 201) return "mounted";
  const largest = options.pieceSize ?? pieceSize;
  const location = client.locate(begun.headers["location"]);
  if (blob.size <= largest || wholeOnly.test(options.registry)) await uploadWhole(path, blob, location, options);
  else await uploadPieces(path, blob, location, options);
  onBytes(blob.size);
  return "sent";
}

const whatFor = ({ digest }: Descriptor): string => `uploading ${digest.slice(0, 19)}`;
const uploads = (repository: string): string => `/v2/${repository}/blobs/uploads/`;

/** After a break the upload begins anew: the registry may have forgotten where it was. */
async function uploadWhole(path: string, blob: Descriptor, first: URL, options: UploadOptions): Promise<void> {
  const { client, repository, signal } = options;
  const what = whatFor(blob);
  let location = first;
  for (let attempt = 1; ; attempt++) {
    const answer = await tryAgainLater(client, {
      method: "PUT",
      url: withDigest(location, blob),
      what,
      headers: { "content-type": "application/octet-stream", "content-length": String(blob.size) },
      body: () => piece(path, 0, blob.size),
      signal,
    });
    if (answer?.statusCode === 201) return discard(answer);
    if (answer !== undefined && !isWorthRetry(answer.statusCode)) await fail(what, answer);
    if (attempt >= triesWithoutProgress) await fail(what, answer);
    if (answer !== undefined) await discard(answer);
    await client.pause(attempt, signal, answer?.headers["retry-after"]);
    const begun = await client.expect({ method: "POST", url: uploads(repository), what, signal }, 202);
    await discard(begun);
    location = client.locate(begun.headers["location"]);
  }
}

/** One piece after the other; how far the upload is says only the registry, in `Range`. */
async function uploadPieces(path: string, blob: Descriptor, first: URL, options: UploadOptions): Promise<void> {
  const { client, signal, onBytes } = options;
  let place: Place = { location: first, offset: 0 };
  for (let failures = 0; place.offset < blob.size;) {
    const { next, answer } = await uploadPiece(path, blob, place, options);
    failures = next.offset > place.offset ? 0 : failures + 1;
    if (failures >= triesWithoutProgress) throw giveUp(whatFor(blob), answer?.statusCode);
    if (answer?.statusCode !== 202) await client.pause(Math.max(failures, 1), signal, answer?.headers["retry-after"]);
    place = next;
    onBytes(place.offset);
  }
  const url = withDigest(place.location, blob);
  const closing = { method: "PUT" as const, url, what: whatFor(blob), headers: { "content-length": "0" }, signal };
  await discard(await client.expect(closing, 201));
}

/** Where an upload goes on. */
interface Place {
  location: URL;
  offset: number;
}

/** After a break or a refusal the registry is asked how far it is. */
async function uploadPiece(
  path: string,
  blob: Descriptor,
  { location, offset }: Place,
  options: UploadOptions,
): Promise<{ next: Place; answer: Answer | undefined }> {
  const { client, signal } = options;
  const length = Math.min(options.pieceSize ?? pieceSize, blob.size - offset);
  const answer = await tryAgainLater(client, {
    method: "PATCH",
    url: location,
    what: whatFor(blob),
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(length),
      "content-range": `${offset}-${offset + length - 1}`,
    },
    body: () => piece(path, offset, length),
    signal,
  });
  const isTaken = answer?.statusCode === 202;
  const mayGoOn = answer === undefined || isTaken || answer.statusCode === 416 || isWorthRetry(answer.statusCode);
  if (!mayGoOn) await fail(whatFor(blob), answer);
  if (answer !== undefined) await discard(answer);
  const { headers } = isTaken ? answer : await askHowFar(location, options);
  const known = offset + (isTaken ? length : 0);
  const next = {
    location: client.locate(headers["location"] ?? location.href),
    offset: endOf(headers["range"], known),
  };
  return { next, answer };
}

/** Undefined when the connection broke. */
async function tryAgainLater(
  client: RegistryClient,
  call: Parameters<RegistryClient["call"]>[0],
): Promise<Answer | undefined> {
  try {
    return await client.call({ ...call, retries: false });
  } catch (error) {
    call.signal.throwIfAborted();
    if (isBrokenConnection(error)) return undefined;
    throw client.explain(call.what, error);
  }
}

async function askHowFar(location: URL, { client, signal }: UploadOptions): Promise<Answer> {
  const what = "asking how far the upload is";
  const status = await client.expect({ method: "GET", url: location, what, signal }, 204, 202, 200);
  await discard(status);
  return status;
}

/** `0-99` means 100 bytes; without a range, or with `0-0`, which some send for nothing, what we know counts. */
function endOf(range: string | string[] | undefined, known: number): number {
  const end = /^(?:bytes[ =])?0-(\d+)/.exec(String(range))?.[1];
  if (end === undefined) return known;
  return end === "0" ? 0 : Number(end) + 1;
}

function piece(path: string, start: number, length: number): NonNullable<ReturnType<typeof createReadStream>> | Buffer {
  if (length === 0) return Buffer.alloc(0);
  return createReadStream(path, { start, end: start + length - 1, highWaterMark: readSize });
}

function withDigest(location: URL, { digest }: Descriptor): URL {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  return url;
}

async function fail(what: string, answer: Answer | undefined): Promise<never> {
  if (answer === undefined) throw giveUp(what, undefined);
  throw answerError(what, answer.statusCode, await textOf(answer));
}

function giveUp(what: string, status: number | undefined): TrustError {
  if (status !== undefined && status !== 202) return answerError(what, status, "");
  return new TrustError("REGISTRY_FAILED", `${what}: it broke off again and again`, { hint: "try again later" });
}
