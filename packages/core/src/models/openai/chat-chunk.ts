import * as z from "zod";

/** One part of a tool call as servers stream it; every field may be missing, empty or repeated. */
const CallDelta = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z
    .object({
      name: z.string().nullish(),
      // Some servers send an object instead of its JSON text.
      arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
    })
    .nullish(),
});
export type CallDelta = z.infer<typeof CallDelta>;

const Delta = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
  tool_calls: z.array(CallDelta).nullish(),
});

const ChunkUsage = z.object({
  prompt_tokens: z.number().nullish(),
  completion_tokens: z.number().nullish(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});

/** llama-server's: how far it has read the prompt; `processed` counts the `cache` too. */
const PromptProgress = z.object({ total: z.number(), cache: z.number().nullish(), processed: z.number() });

/** One `data:` of a streamed chat completion; `timings` is llama-server's, `error` ends a stream that failed. */
export const ChatChunk = z.object({
  choices: z.array(z.object({ delta: Delta.nullish(), finish_reason: z.string().nullish() })).nullish(),
  usage: ChunkUsage.nullish(),
  timings: z.object({ predicted_per_second: z.number().nullish() }).nullish(),
  prompt_progress: PromptProgress.nullish(),
  error: z.unknown().optional(),
});

/** llama-server's answer of POST /tokenize. */
export const Tokenized = z.object({ tokens: z.array(z.unknown()) });
