import * as z from "zod";

const ToolCallPart = z.object({
  function: z.object({ name: z.string().nullish(), arguments: z.unknown() }).nullish(),
});
export type ToolCallPart = z.infer<typeof ToolCallPart>;

/** What both kinds of reply share. Counts are on the last line, the one that is done; the duration in nanoseconds. */
const counts = {
  done: z.boolean().nullish(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().nonnegative().nullish(),
  eval_count: z.int().nonnegative().nullish(),
  eval_duration: z.number().nonnegative().nullish(),
};

/** One line of a streamed reply of POST /api/chat. */
export const ChatLine = z.object({
  message: z
    .object({
      content: z.string().nullish(),
      thinking: z.string().nullish(),
      tool_calls: z.array(ToolCallPart).nullish(),
    })
    .nullish(),
  ...counts,
});
export type ReplyLine = z.infer<typeof ChatLine>;

/** One line of a streamed reply of POST /api/generate, in the form of the other. */
export const GeneratedLine = z
  .object({ response: z.string().nullish(), ...counts })
  .transform(({ response, ...line }): ReplyLine => ({ ...line, message: { content: response } }));

/** One line of POST /api/pull. Each layer of a model has a digest; a part that is not begun yet has no counts. */
export const PullLine = z.object({
  status: z.string(),
  digest: z.string().nullish(),
  total: z.number().nonnegative().nullish(),
  completed: z.number().nonnegative().nullish(),
});
export type PullLine = z.infer<typeof PullLine>;

const Details = z.object({
  format: z.string().nullish(),
  family: z.string().nullish(),
  parameter_size: z.string().nullish(),
  quantization_level: z.string().nullish(),
});

/** The answer of POST /api/show. A model with `remote_host` is answered by that host, not by this server. */
export const ShownModel = z.object({
  details: Details.nullish(),
  parameters: z.string().nullish(),
  template: z.string().nullish(),
  modelfile: z.string().nullish(),
  remote_host: z.string().nullish(),
  capabilities: z.array(z.string()).nullish(),
  model_info: z.record(z.string(), z.unknown()).nullish(),
});
export type ShownModel = z.infer<typeof ShownModel>;

/** The answer of GET /api/ps: what is in memory, and the window it really has. */
export const RunningModels = z.object({
  models: z.array(
    z.object({ name: z.string(), size: z.number().nullish(), context_length: z.int().positive().nullish() }),
  ),
});
export type RunningModels = z.infer<typeof RunningModels>;

/** The answer of GET /api/tags. */
export const ListedModels = z.object({
  models: z.array(z.object({ name: z.string(), size: z.number().nullish(), digest: z.string().nullish() })),
});
export type ListedModels = z.infer<typeof ListedModels>;

/** The answer of GET /api/version. */
export const Version = z.object({ version: z.string() });
