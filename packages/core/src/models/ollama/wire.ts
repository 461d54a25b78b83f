import * as z from "zod";

const ToolCallPart = z.object({
  function: z.object({ name: z.string().nullish(), arguments: z.unknown() }).nullish(),
});
export type ToolCallPart = z.infer<typeof ToolCallPart>;

/** One line of a streamed reply of POST /api/chat. Counts are on the last line, the one that is done. */
export const ChatLine = z.object({
  message: z
    .object({
      content: z.string().nullish(),
      thinking: z.string().nullish(),
      tool_calls: z.array(ToolCallPart).nullish(),
    })
    .nullish(),
  done: z.boolean().nullish(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().nonnegative().nullish(),
  eval_count: z.int().nonnegative().nullish(),
  /** In nanoseconds. */
  eval_duration: z.number().nonnegative().nullish(),
});
export type ChatLine = z.infer<typeof ChatLine>;

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
