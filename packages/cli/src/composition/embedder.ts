import type { Embedder } from "@trust-cli/core/codebase";
import { createVectorModel, type VectorModel } from "@trust-cli/core/models";
import { TrustError } from "@trust-cli/core/protocol";

import { loadSpec, withoutParts } from "./local-model.ts";
import { hostEntry } from "./locations.ts";
import type { Settings } from "./settings.ts";
import { namedWeightsPath } from "./weights-path.ts";

/** Tokens of one text: a passage has fewer, unless it is written in another script. */
const contextSize = 1024;

/** The model of the setting `index.embeddings`; undefined where it is not set. Throws USAGE for a server's. */
export async function openEmbedder(
  settings: Settings,
  signal: AbortSignal,
): Promise<(Embedder & AsyncDisposable) | undefined> {
  const { config, paths, workspace } = settings;
  const name = config.index.embeddings;
  if (name === undefined) return undefined;
  const path = await namedWeightsPath(name, settings, signal);
  const spec = { ...loadSpec({ config: withoutParts(config), cwd: workspace.root }), path, contextSize };
  const model = createVectorModel({ entry: hostEntry(config, paths), spec: { ...spec, use: "embedding" } });
  return {
    id: path,
    embed: (texts, stop) => embedAll(model, texts, stop),
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

/** A text that is longer than the model reads is cut until it fits. */
async function embedAll(model: VectorModel, texts: readonly string[], signal: AbortSignal): Promise<number[][]> {
  try {
    return await model.embed(texts, signal);
  } catch (error) {
    if (!(error instanceof TrustError) || error.code !== "CONTEXT_FULL") throw error;
    const [only, second] = texts;
    if (only === undefined) throw error;
    if (second === undefined) return await embedAll(model, [only.slice(0, Math.ceil(only.length / 2))], signal);
    const vectors: number[][] = [];
    for (const text of texts) vectors.push(...(await embedAll(model, [text], signal)));
    return vectors;
  }
}
