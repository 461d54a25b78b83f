import { type ModelReference, resolveModelReference } from "@trust-cli/core/models";
import type { OllamaModelPlace } from "@trust-cli/core/models/ollama";
import { TrustError } from "@trust-cli/core/protocol";

import type { App } from "../../composition/app.ts";

/** The model of Ollama that a person names. Throws USAGE for any other, with `otherwise` as what to do. */
export async function ollamaPlace(
  text: string,
  { config, workspace, environment }: App,
  otherwise: string,
): Promise<{ place: OllamaModelPlace; reference: ModelReference }> {
  const reference = await resolveModelReference(text, { cwd: workspace.root, environment });
  if (reference.kind !== "ollama") {
    throw new TrustError("USAGE", `${text} is no model of Ollama`, { hint: otherwise });
  }
  const { url, model } = reference;
  // An address elsewhere comes only from the person's own words.
  return { reference, place: { url: url.href, model, offline: config.offline, allowRemote: true } };
}
