import { TrustError } from "../../protocol/errors.ts";
import { boundedByAbort } from "./abort.ts";
import type { HostEntry, RequestBody, RequestReply } from "./host-connection.ts";
import { runWithHost } from "./run-with-host.ts";
import { HostSupervisor, type ModelSpec } from "./supervisor.ts";

export interface VectorModelOptions {
  entry: HostEntry;
  /** `use` says what the model is for: it can do one of both. */
  spec: ModelSpec & { use: "embedding" | "ranking" };
}

/**
 * Makes vectors of texts, or scores documents. Throws INPUT_INVALID for an empty text and CONTEXT_FULL for one that is
 * longer than the model reads at once.
 */
export interface VectorModel extends AsyncDisposable {
  /** A vector of length 1 a text, in their order, so that a dot product is the cosine. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<number[][]>;
  /** How well each document answers the query, in 0..1, in their order. */
  rank(query: string, documents: readonly string[], signal: AbortSignal): Promise<number[]>;
}

/** A local GGUF model, run by the model host. Survives a crash of the host. */
export function createVectorModel({ entry, spec }: VectorModelOptions): VectorModel {
  const supervisor = new HostSupervisor(entry, spec);
  const ask = async <T extends RequestReply["type"]>(
    bodyFor: (model: number) => RequestBody,
    type: T,
    signal: AbortSignal,
  ): Promise<Extract<RequestReply, { type: T }>> =>
    runWithHost(supervisor, signal, async ({ connection, model }) => {
      for await (const reply of boundedByAbort(connection.request(bodyFor(model.id), signal), signal)) {
        if (reply.type === type) return reply as Extract<RequestReply, { type: T }>;
      }
      signal.throwIfAborted();
      throw new TrustError("HOST_CRASHED", "The model host ended without an answer", { hint: "trust doctor" });
    });
  return {
    async embed(texts, signal) {
      texts.forEach(checkText);
      if (texts.length === 0) return [];
      const { vectors } = await ask((model) => ({ type: "embed", model, texts: [...texts] }), "embedded", signal);
      return vectors;
    },
    async rank(query, documents, signal) {
      [query, ...documents].forEach(checkText);
      if (documents.length === 0) return [];
      const copy = [...documents];
      return (await ask((model) => ({ type: "rank", model, query, documents: copy }), "ranked", signal)).scores;
    },
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

function checkText(text: string): void {
  if (text === "") throw new TrustError("INPUT_INVALID", "an empty text says nothing that could be compared");
}
