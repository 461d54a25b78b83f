import { open, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { type Result, TrustError } from "../../protocol/errors.ts";
import { readGgufHeader } from "../gguf/index.ts";
import { requireRoom } from "./disk-room.ts";
import { type Divergence, type DivergenceCheck, divergenceCheck, logitsBytes } from "./divergence.ts";
import { type LlamaToolPlace, requireLlamaTool } from "./llama-tools.ts";
import { quantizationType } from "./quantization-types.ts";
import { estimateSize, runQuantizer, type SizeEstimate } from "./quantizer.ts";
import { workFolder } from "./work-folder.ts";

export type QuantizeStep = "reading" | "quantizing" | "comparing";

export interface Quantization {
  source: string;
  target: string;
  type: string;
  tools: LlamaToolPlace;
  /** What both models are compared on; undefined for no check. */
  text: string | undefined;
  threads: number;
  overwrite: boolean;
  onEstimate?: (estimate: SizeEstimate) => void;
  /** `fraction` in 0..1 of this step. */
  onProgress?: (step: QuantizeStep, fraction: number) => void;
}

/** What came of it. Sizes in bytes. */
export interface Quantized {
  path: string;
  type: string;
  sourceBytes: number;
  estimatedBytes: number;
  sizeBytes: number;
  bitsPerWeight: number;
  seconds: number;
  notes: readonly string[];
  divergence: Divergence | undefined;
}

/**
 * Writes a smaller copy of a model with llama.cpp's own quantiser, and measures how far what it says differs. The
 * target appears complete and in one step, after the check; before that, and after an abort, there is nothing of it.
 */
export async function quantizeModel(options: Quantization, signal: AbortSignal): Promise<Quantized> {
  const { tools, onEstimate, onProgress } = options;
  const [source, target] = [resolve(options.source), resolve(options.target)];
  const header = valueOf(readGgufHeader(source));
  await checkTarget(source, target, options.overwrite);
  const quantizer = requireLlamaTool("llama-quantize", tools);
  const judge = options.text === undefined ? undefined : requireLlamaTool("llama-perplexity", tools);
  const type = await quantizationType(options.type, quantizer, signal);
  const job = { quantizer, source, type, threads: options.threads };
  const estimate = await estimateSize(job, header.sizeBytes, signal);
  onEstimate?.(estimate);
  const logits = judge === undefined ? 0 : logitsBytes(header.vocabularySize);
  await requireRoom(dirname(target), estimate.bytes + logits);

  await using work = await workFolder(dirname(target));
  const reading = { ...options, source, vocabularySize: header.vocabularySize, folder: work.path };
  // First, so that a text that is too short is known before the long part.
  const check = judge === undefined ? undefined : await begin(judge, reading, signal);
  const result = join(work.path, "model.gguf");
  const began = performance.now();
  await runQuantizer(job, result, { onProgress: (fraction) => onProgress?.("quantizing", fraction), signal });
  const seconds = (performance.now() - began) / 1000;
  const { sizeBytes } = valueOf(readGgufHeader(result));
  const divergence = await check?.compare(result, (fraction) => onProgress?.("comparing", fraction), signal);
  signal.throwIfAborted();
  await checkTarget(source, target, options.overwrite);
  await moveInPlace(result, target);
  return {
    path: target,
    type,
    sourceBytes: header.sizeBytes,
    estimatedBytes: estimate.bytes,
    sizeBytes,
    bitsPerWeight: estimate.bitsPerWeight,
    seconds,
    notes: estimate.notes,
    divergence,
  };
}

type Reading = Pick<Quantization, "source" | "text" | "threads" | "onProgress"> & {
  vocabularySize: number;
  folder: string;
};

/** More than this is never read: see the most pieces of a check. */
const mostText = 1024 * 1024;

async function begin(judge: string, reading: Reading, signal: AbortSignal): Promise<DivergenceCheck> {
  const { source, vocabularySize, threads, folder, onProgress } = reading;
  const text = join(folder, "text.txt");
  await writeFile(text, (reading.text ?? "").slice(0, mostText));
  const job = { judge, source, text, folder, vocabularySize, threads };
  return divergenceCheck(job, (fraction) => onProgress?.("reading", fraction), signal);
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

async function checkTarget(source: string, target: string, overwrite: boolean): Promise<void> {
  const found = await statOf(target);
  if (found === undefined) {
    const folder = await statOf(dirname(target));
    if (folder?.isDirectory() === true) return;
    throw new TrustError("FILE_FAILED", `there is no folder ${dirname(target)}`, { hint: "make it first" });
  }
  const own = await stat(source);
  if (own.dev === found.dev && own.ino === found.ino) {
    throw new TrustError("USAGE", `${target} is the model itself, which would be lost`, { hint: "name another file" });
  }
  if (!found.isFile()) throw new TrustError("FILE_CONFLICT", `${target} is there already and is no file`);
  if (overwrite) return;
  throw new TrustError("FILE_CONFLICT", `${target} is there already`, { hint: "--force replaces it" });
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new TrustError("FILE_FAILED", `${path} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

async function moveInPlace(result: string, target: string): Promise<void> {
  {
    await using file = await open(result, "r+");
    await file.sync();
  }
  await rename(result, target);
}
