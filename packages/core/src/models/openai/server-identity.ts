import * as z from "zod";

import type { ModelIdentity } from "../../ports/capability.ts";
import { textDigest } from "../capability/text-digest.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { ServerProperties } from "../server/listed-model.ts";
import { ServerConnection } from "../server/server-connection.ts";
import type { OpenAiModelOptions } from "./openai-model.ts";

/** The list with all that a server tells of its models: llama-server gives their sizes and shapes. */
const Listed = z.object({
  data: z.array(z.looseObject({ id: z.string(), meta: z.record(z.string(), z.unknown()).nullish() })),
});

const quickSeconds = 5;

/**
 * What makes a model of a server this one, for measurements, as far as the server tells. Undefined when it does not
 * answer, or has no such model.
 */
export async function serverIdentity(
  options: Pick<OpenAiModelOptions, "baseUrl" | "model" | "apiKey" | "offline" | "allowRemote">,
  signal: AbortSignal,
): Promise<ModelIdentity | undefined> {
  const endpoint = resolveEndpoint(options.baseUrl, options);
  const { apiKey } = options;
  await using connection = new ServerConnection(endpoint, { apiKey, silenceSeconds: quickSeconds });
  const path = endpoint.api.href.slice(endpoint.root.href.length);
  const [listed, properties] = await Promise.all([
    connection.ask(`${path}models`, Listed, signal),
    connection.ask("props", ServerProperties, signal),
  ]);
  const model = listed?.data.find(({ id }) => options.model === undefined || id === options.model);
  if (model === undefined) return undefined;
  // The window is a setting of the server, not a trait of the weights.
  const { n_ctx: _, ...shape } = model.meta ?? {};
  const { chat_template: template, build_info: build, model_path: file } = properties ?? {};
  return {
    weights: `${endpoint.api.host}:${model.id}@${textDigest(JSON.stringify([file ?? "", shape]))}`,
    template: textDigest(template ?? ""),
    backend: build ?? "an OpenAI-compatible server",
  };
}
