import * as z from "zod";

const Item = z.object({
  type: z.string(),
  call_id: z.string().nullish(),
  name: z.string().nullish(),
  arguments: z.string().nullish(),
});

const Usage = z.object({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  input_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
});

const Said = z.object({ message: z.string().nullish(), code: z.string().nullish() });

/** One event of a streamed response; each type has some of these fields. */
export const ResponseEvent = z.object({
  type: z.string(),
  delta: z.string().nullish(),
  output_index: z.number().nullish(),
  item: Item.nullish(),
  arguments: z.string().nullish(),
  message: z.string().nullish(),
  response: z
    .object({
      usage: Usage.nullish(),
      error: Said.nullish(),
      incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
    })
    .nullish(),
});
export type ResponseEvent = z.infer<typeof ResponseEvent>;
