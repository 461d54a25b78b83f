import { TrustError } from "../../protocol/errors.ts";
import { lastLines, runProgram, wholeLines } from "./run-program.ts";

export interface QuantizerJob {
  quantizer: string;
  source: string;
  type: string;
  threads: number;
}

/** What the result will be, known from the shapes of the tensors alone. */
export interface SizeEstimate {
  bytes: number;
  bitsPerWeight: number;
  /** What the person should know before, a sentence each. */
  notes: readonly string[];
}

/**
 * Has llama-quantize choose a type for each tensor without computing anything: which mix a type means is its own
 * knowledge. Throws USAGE when the type needs more than the model itself.
 */
export async function estimateSize(job: QuantizerJob, sourceBytes: number, signal: AbortSignal): Promise<SizeEstimate> {
  const { source, type } = job;
  const args = [...requantizing, "--dry-run", source, type];
  const { succeeded, output } = await runProgram({ program: job.quantizer, args }, signal);
  const before = sizeIn(output, "model");
  const after = sizeIn(output, "quant");
  if (!succeeded || before === undefined || after === undefined) throw failed(job, output);
  if (/will require an imatrix/.test(output)) {
    throw new TrustError("USAGE", `${type} needs an importance matrix, which is not at hand`, {
      hint: "Q2_K and larger types need none",
    });
  }
  const besideTensors = Math.max(0, sourceBytes - before.bytes);
  return { bytes: after.bytes + besideTensors, bitsPerWeight: after.bitsPerWeight, notes: notesOn(output) };
}

/** Writes the quantised model to `target`. `onProgress` hears how many of the tensors are done, as a fraction. */
export async function runQuantizer(
  job: QuantizerJob,
  target: string,
  { onProgress, signal }: { onProgress: (fraction: number) => void; signal: AbortSignal },
): Promise<void> {
  const onLine = (line: string): void => {
    const [, done, total] = /^\[ *(\d+)\/ *(\d+)\]/.exec(line) ?? [];
    if (done !== undefined) onProgress(Number(done) / Number(total));
  };
  const args = [...requantizing, job.source, target, job.type, String(job.threads)];
  const run = { program: job.quantizer, args, onText: wholeLines(onLine) };
  const { succeeded, output } = await runProgram(run, signal);
  if (!succeeded) throw failed(job, output);
}

/** What it costs to quantise twice is what the check afterwards measures. */
const requantizing = ["--allow-requantize"];

/** `quant size  =   147.32 MiB (4.99 BPW)`. */
function sizeIn(output: string, which: "model" | "quant"): { bytes: number; bitsPerWeight: number } | undefined {
  const [, mebibytes, bits] = new RegExp(`${which} size *= *([\\d.]+) MiB \\(([\\d.]+) BPW\\)`).exec(output) ?? [];
  if (mebibytes === undefined) return undefined;
  return { bytes: Math.round(Number(mebibytes) * 2 ** 20), bitsPerWeight: Number(bits) };
}

function notesOn(output: string): string[] {
  const [, count, total] = /(\d+) of (\d+) tensor\(s\) required fallback/.exec(output) ?? [];
  const quantised = /type = +(?!f32|f16|bf16)([a-z0-9_]+), size/i.exec(output)?.[1];
  return [
    ...(quantised === undefined
      ? []
      : [`the model is quantised already (${quantised}); one of 16 bits would lose less`]),
    ...(count === undefined
      ? []
      : [`${count} of ${total} tensors have widths that the type cannot hold, so they get another`]),
  ];
}

function failed({ type }: QuantizerJob, output: string): TrustError {
  return new TrustError("MODEL_FAILED", `llama-quantize could not make ${type} of it: ${lastLines(output, 3)}`);
}
