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
export type ChunkDelta = z.infer<typeof Delta>;

const ChunkUsage = z.object({
  prompt_tokens: z.number().nullish(),
  completion_tokens: z.number().nullish(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});
export type ChunkUsage = z.infer<typeof ChunkUsage>;

/** One `data:` of a streamed chat completion; `timings` is llama-server's, `error` ends a stream that failed. */
export const ChatChunk = z.object({
  choices: z.array(z.object({ delta: Delta.nullish(), finish_reason: z.string().nullish() })).nullish(),
  usage: ChunkUsage.nullish(),
  timings: z.object({ predicted_per_second: z.number().nullish() }).nullish(),
  error: z.unknown().optional(),
});
export type ChatChunk = z.infer<typeof ChatChunk>;

/** A model as servers list it, with the names under which they tell its window in tokens. */
const ListedModel = z.object({
  id: z.string(),
  meta: z.object({ n_ctx: z.int().positive().nullish() }).nullish(),
  max_model_len: z.int().positive().nullish(),
  context_length: z.int().positive().nullish(),
});
export type ListedModel = z.infer<typeof ListedModel>;

/** The answer of GET /v1/models. */
export const ModelList = z.object({ data: z.array(ListedModel) });

/** llama-server's answer of POST /tokenize. */
export const Tokenized = z.object({ tokens: z.array(z.unknown()) });
