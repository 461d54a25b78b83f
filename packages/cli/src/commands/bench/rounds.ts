import type { SpeedModel, TimedReply } from "@trust-cli/core/models";
import { checkText, type LlamaBenchSpeed, runLlamaBench } from "@trust-cli/core/models/quantize";

export interface BenchPlan {
  model: SpeedModel;
  /** The model's window, in tokens. */
  contextSize: number;
  path: string;
  threads: number;
  /** llama-bench; undefined for no comparison. */
  program: string | undefined;
  rounds: number;
  prompt: number;
  tokens: number;
  onProgress(text: string): void;
  signal: AbortSignal;
}

/** What one round measured. Speeds in tokens a second. */
export interface Round {
  readTokens: number;
  reading: number;
  coldMilliseconds: number;
  knownMilliseconds: number;
  plain: TimedReply;
  guessed: TimedReply;
  llamaBench: LlamaBenchSpeed | undefined;
}

/** Code that a model is shown to write it again, in characters: a few hundred tokens. */
const rewrittenLength = 1200;
const mostShare = 0.75;

/** Alternates with llama-bench, so that a slow minute of the machine meets both. */
export async function measureRounds(plan: BenchPlan): Promise<Round[]> {
  const { rounds, tokens } = plan;
  const most = Math.max(1, Math.floor(plan.contextSize * mostShare) - tokens);
  const text = await textOf(Math.min(plan.prompt, most), plan);
  // The first request of a process pays for what every later one finds ready.
  await plan.model.time({ text: "Warm up.", maxTokens: 4, plain: true }, plan.signal);
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round++) measured.push(await measureRound(plan, round, text));
  return measured;
}

async function measureRound(plan: BenchPlan, round: number, text: string): Promise<Round> {
  const { model, signal, tokens, program, path, threads } = plan;
  const step = (what: string): void => plan.onProgress(`Round ${round} of ${plan.rounds}: ${what}`);
  // Each round begins with other words, so that nothing is known of its prompts.
  const prompt = `${round}. ${text}`;
  step("reading");
  const cold = await model.time({ text: prompt, maxTokens: 1, plain: true }, signal);
  const known = await model.time({ text: prompt, maxTokens: 1, plain: true }, signal);
  const rewrite = rewritePrompt(round);
  step("writing");
  const plain = await model.time({ text: rewrite, maxTokens: tokens, plain: true }, signal);
  step("writing with guesses");
  const guessed = await model.time({ text: rewrite, maxTokens: tokens, plain: false }, signal);
  if (program !== undefined) step("llama-bench");
  const job = program === undefined ? undefined : { program, model: path, threads, read: cold.read, write: tokens };
  return {
    readTokens: cold.read,
    reading: cold.read / (cold.firstMilliseconds / 1000),
    coldMilliseconds: cold.firstMilliseconds,
    knownMilliseconds: known.firstMilliseconds,
    plain,
    guessed,
    llamaBench: job === undefined ? undefined : await runLlamaBench(job, signal),
  };
}

/** Prose and code of about so many tokens. */
async function textOf(tokens: number, { model, signal }: BenchPlan): Promise<string> {
  const charactersPerToken = checkText.length / (await model.count(checkText, signal));
  const length = Math.max(1, Math.round(tokens * charactersPerToken));
  return checkText.repeat(Math.ceil(length / checkText.length)).slice(0, length);
}

function rewritePrompt(round: number): string {
  const from = checkText.indexOf("export interface");
  const code = checkText.slice(from, from + rewrittenLength);
  return `${round}. The file:\n\n${code}\n\nThe same file again:\n\n${code.slice(0, rewrittenLength / 8)}`;
}
