import * as z from "zod";

import { TrustError } from "../../protocol/errors.ts";
import { checkValue, parseUnknownJson } from "../../protocol/json.ts";
import { lastLines, runProgram } from "./run-program.ts";

export interface LlamaBenchJob {
  /** llama-bench. */
  program: string;
  model: string;
  threads: number;
  /** Tokens of the prompt, and tokens to write without one. */
  read: number;
  write: number;
}

/** Tokens a second. */
export interface LlamaBenchSpeed {
  reading: number;
  writing: number;
}

const Results = z.array(z.object({ n_prompt: z.int(), n_gen: z.int(), avg_ts: z.number() }));

/** Has llama-bench measure a model once. Throws MODEL_FAILED when it cannot. */
export async function runLlamaBench(job: LlamaBenchJob, signal: AbortSignal): Promise<LlamaBenchSpeed> {
  const sizes = ["-p", String(job.read), "-n", String(job.write), "-t", String(job.threads), "-r", "1"];
  const args = ["-m", job.model, ...sizes, "-o", "json"];
  const { succeeded, output, printed } = await runProgram({ program: job.program, args }, signal);
  if (!succeeded) throw failed(lastLines(output, 3));
  const results = checkValue(
    parseUnknownJson(printed, "llama-bench", "MODEL_FAILED"),
    Results,
    "llama-bench",
    "MODEL_FAILED",
  );
  const reading = results.find(({ n_prompt }) => n_prompt === job.read)?.avg_ts;
  const writing = results.find(({ n_gen }) => n_gen === job.write)?.avg_ts;
  if (reading === undefined || writing === undefined) throw failed("it gave no result");
  return { reading, writing };
}

const failed = (why: string): TrustError =>
  new TrustError("MODEL_FAILED", `llama-bench could not measure the model: ${why}`, {
    hint: "trust bench --no-compare",
  });
