import * as z from "zod";

/** A model as OpenAI-compatible servers list it, with the names under which they tell its window in tokens. */
const ListedModel = z.object({
  id: z.string(),
  meta: z.object({ n_ctx: z.int().positive().nullish(), n_params: z.number().positive().nullish() }).nullish(),
  max_model_len: z.int().positive().nullish(),
  context_length: z.int().positive().nullish(),
});
export type ListedModel = z.infer<typeof ListedModel>;

/** The answer of GET /v1/models. */
export const ModelList = z.object({ data: z.array(ListedModel) });

/** llama-server's answer of GET /props. Its window is that of one of its slots. */
export const ServerProperties = z.object({
  default_generation_settings: z.object({ n_ctx: z.int().positive().nullish() }).nullish(),
  chat_template: z.string().nullish(),
  build_info: z.string().nullish(),
  model_path: z.string().nullish(),
});

/** LM Studio's answer of GET /api/v0/models. */
const StudioModels = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      loaded_context_length: z.int().positive().nullish(),
      max_context_length: z.int().positive().nullish(),
    }),
  ),
});

/** The checked answer of a GET below the server's root; undefined when there is none, or it is something else. */
type Ask = <T>(path: string, schema: z.ZodType<T>) => Promise<T | undefined>;

/**
 * The windows in tokens of listed models, as their server really runs them: its list tells them, or llama-server's
 * properties, or LM Studio's own list. Undefined where none does.
 */
export async function windowsOf(models: readonly ListedModel[], ask: Ask): Promise<(number | undefined)[]> {
  const listed = models.map(
    ({ meta, max_model_len, context_length }) => meta?.n_ctx ?? max_model_len ?? context_length,
  );
  if (listed.every((window) => window)) return listed.map((window) => window ?? undefined);
  const [properties, studio] = await Promise.all([ask("props", ServerProperties), ask("api/v0/models", StudioModels)]);
  const ofSlot = properties?.default_generation_settings?.n_ctx;
  const found = new Map(
    studio?.data.map((model) => [model.id, model.loaded_context_length ?? model.max_context_length]),
  );
  return models.map(({ id }, index) => listed[index] ?? ofSlot ?? found.get(id) ?? undefined);
}
