import { TrustError } from "../../protocol/errors.ts";
import { openLogits, type Place } from "./logits-file.ts";
import { lastLines, runProgram } from "./run-program.ts";

/** How far the answers of two models lie apart on one text. */
export interface Divergence {
  perplexityBefore: number;
  perplexityAfter: number;
  /** Mean Kullback-Leibler divergence of the next token's probabilities, in nats. */
  klDivergence: number;
  /** Share of places at which both find the same token the most likely, in 0..1. */
  sameTopToken: number;
  /** Places at which they were compared. */
  tokens: number;
}

export interface DivergenceJob {
  /** llama-perplexity. */
  judge: string;
  source: string;
  /** The file with the text. */
  text: string;
  /** A folder for the probabilities of both. */
  folder: string;
  vocabularySize: number;
  threads: number;
}

export interface DivergenceCheck {
  compare(model: string, onProgress: OnProgress, signal: AbortSignal): Promise<Divergence>;
}

type OnProgress = (fraction: number) => void;

/** The text is read in pieces of so many tokens, of which the second half is judged. */
const pieceTokens = 256;
const mostPieces = 64;
const mostLogitsBytes = 256 * 1024 * 1024;

/** Two bytes for each token of the vocabulary, and a little, at each place that is judged. */
const pieceBytes = (vocabularySize: number): number => (pieceTokens / 2) * 2 * (vocabularySize + 5);

/** At least two pieces are read, however large the vocabulary is. */
function piecesFor(vocabularySize: number): number {
  return Math.max(2, Math.min(mostPieces, Math.floor(mostLogitsBytes / pieceBytes(vocabularySize))));
}

/** Bytes that the check needs on disk for a while, at most. */
export const logitsBytes = (vocabularySize: number): number =>
  2 * piecesFor(vocabularySize) * pieceBytes(vocabularySize);

/**
 * Has llama-perplexity read the text with the original; what comes of it compares another model with it. Throws
 * INPUT_INVALID when the text is too short. The figures are computed here from the probabilities that it writes,
 * because it can end before its last lines are printed.
 */
export async function divergenceCheck(
  job: DivergenceJob,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<DivergenceCheck> {
  const before = `${job.folder}/before.logits`;
  const output = await judge(job, { model: job.source, logits: before, onProgress }, signal);
  const read = await openLogits(before);
  if (read === undefined) throw tooShort(output);
  await read[Symbol.asyncDispose]();
  return {
    async compare(model, onCompared, compareSignal) {
      const after = `${job.folder}/after.logits`;
      const said = await judge(job, { model, logits: after, onProgress: onCompared }, compareSignal);
      return (await compareLogits(before, after, compareSignal)) ?? fail(said);
    },
  };
}

interface Reading {
  model: string;
  logits: string;
  onProgress: OnProgress;
}

async function judge(job: DivergenceJob, { model, logits, onProgress }: Reading, signal: AbortSignal): Promise<string> {
  const files = ["--model", model, "--file", job.text, "--kl-divergence-base", logits];
  const pieces = ["--ctx-size", String(pieceTokens), "--chunks", String(piecesFor(job.vocabularySize))];
  const speed = ["--batch-size", String(2 * pieceTokens), "--no-warmup", "--threads", String(job.threads)];
  let heard = "";
  const onText = (text: string): void => {
    heard += text;
    const [, total] = /over (\d+) chunks/.exec(heard) ?? [];
    const [, done] = [...heard.matchAll(/\[(\d+)\][\d.]+,/g)].at(-1) ?? [];
    if (total !== undefined && done !== undefined) onProgress(Number(done) / Number(total));
  };
  const run = { program: job.judge, args: [...files, ...pieces, ...speed], onText };
  const { succeeded, output } = await runProgram(run, signal);
  return succeeded ? output : fail(output);
}

/** Undefined when one of the files is not complete. */
async function compareLogits(before: string, after: string, signal: AbortSignal): Promise<Divergence | undefined> {
  await using a = await openLogits(before);
  await using b = await openLogits(after);
  if (a === undefined || b === undefined) return undefined;
  const sum = { before: 0, after: 0, divergence: 0, same: 0 };
  for (let place = 0; place < a.places; place++) {
    signal.throwIfAborted();
    const [one, other] = [await a.read(place), await b.read(place)];
    if (one === undefined || other === undefined || one.token !== other.token) return undefined;
    sum.before -= logProbability(one);
    sum.after -= logProbability(other);
    sum.divergence += divergenceAt(one, other);
    sum.same += topToken(one) === topToken(other) ? 1 : 0;
  }
  return {
    perplexityBefore: Math.exp(sum.before / a.places),
    perplexityAfter: Math.exp(sum.after / a.places),
    klDivergence: Math.max(0, sum.divergence / a.places),
    sameTopToken: sum.same / a.places,
    tokens: a.places,
  };
}

const logProbability = ({ scale, least, steps, token }: Place): number => least + scale * (steps[token] ?? 0);

/** What is less likely than this adds nothing that could be seen. */
const leastThatCounts = -16;

function divergenceAt(one: Place, other: Place): number {
  let sum = 0;
  for (const [token, step] of one.steps.entries()) {
    const log = one.least + one.scale * step;
    if (log > leastThatCounts) sum += Math.exp(log) * (log - other.least - other.scale * (other.steps[token] ?? 0));
  }
  return sum;
}

function topToken({ steps }: Place): number {
  let top = 0;
  let most = -1;
  for (const [token, step] of steps.entries()) {
    if (step <= most) continue;
    most = step;
    top = token;
  }
  return top;
}

function tooShort(output: string): TrustError {
  const [, count] = /tokenizes to only (\d+) tokens/.exec(output) ?? [];
  const message = `the check needs a text of ${2 * pieceTokens} tokens${count === undefined ? "" : `; this one has ${count}`}`;
  return new TrustError("INPUT_INVALID", message, { hint: "name a longer text" });
}

function fail(output: string): never {
  const message = `llama-perplexity could not judge the model: ${lastLines(output, 3)}`;
  throw new TrustError("MODEL_FAILED", message, { hint: "--no-check quantises without it" });
}
