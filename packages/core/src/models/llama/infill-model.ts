import type { Sampling } from "../../ports/model.ts";
import { TrustError } from "../../protocol/errors.ts";
import type { HostInfill, HostModel } from "../../protocol/host.ts";
import { noUsage, type Usage } from "../../protocol/model-events.ts";
import { abortable, boundedByAbort } from "./abort.ts";
import type { HostEntry, RequestReply } from "./host-connection.ts";
import { isCrash } from "./host-transport.ts";
import { HostSupervisor, type ModelSpec, type ReadyHost } from "./supervisor.ts";

export interface InfillModelOptions {
  entry: HostEntry;
  spec: ModelSpec;
  /** 1: nobody waits; 3: an editor waits, the default; 5: a person waits. */
  priority?: number;
}

/** Code around a cursor. `path` names the file to the model, `files` are others that belong to it. */
export interface InfillRequest {
  path?: string | undefined;
  prefix: string;
  suffix: string;
  files: readonly { path: string; text: string }[];
  maxTokens: number;
  sampling: Sampling;
}

export type InfillFinish = { type: "finish"; reason: "stop" | "length" | "abort"; usage: Usage };
export type InfillEvent = { type: "text-delta"; delta: string } | InfillFinish;

/**
 * Writes what belongs at a cursor. `describe` loads the model and reports load progress in 0..1. `complete` ends with
 * one `finish`, also after an abort. Both throw MODEL_INVALID for a model that was not trained for it.
 */
export interface InfillModel extends AsyncDisposable {
  /** The process that does the work. */
  readonly hostPid: number | undefined;
  describe(signal: AbortSignal, onLoad?: (fraction: number) => void): Promise<{ name: string; contextSize: number }>;
  complete(request: InfillRequest, signal: AbortSignal): AsyncGenerator<InfillEvent, void, void>;
}

const editorWaits = 3;
const mostRestarts = 1;

/** A local GGUF code model, run by the model host. Survives a crash of the host as long as nothing was written. */
export function createInfillModel({ entry, spec, priority = editorWaits }: InfillModelOptions): InfillModel {
  const supervisor = new HostSupervisor(entry, spec);
  return {
    get hostPid() {
      return supervisor.pid;
    },
    async describe(signal, onLoad) {
      const { model } = await abortable(() => supervisor.ready(onLoad), signal);
      return { name: checked(model).name, contextSize: model.contextSize };
    },
    complete: (request, signal) => complete(supervisor, { ...request, priority }, signal),
    [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose](),
  };
}

type Asked = InfillRequest & { priority: number };

async function* complete(
  supervisor: HostSupervisor,
  asked: Asked,
  signal: AbortSignal,
): AsyncGenerator<InfillEvent, void, void> {
  let hasWritten = false;
  for (let restarts = 0; ; restarts++) {
    try {
      const host = await abortable(() => supervisor.ready(), signal);
      for await (const event of events(host, asked, signal)) {
        hasWritten = true;
        yield event;
      }
      return;
    } catch (error) {
      if (signal.aborted) {
        yield aborted;
        return;
      }
      const another = restarts < mostRestarts && !hasWritten && supervisor.wasReady;
      if (!another || !isCrash(error)) throw error;
    }
  }
}

const aborted: InfillFinish = { type: "finish", reason: "abort", usage: noUsage };

async function* events(
  { connection, model }: ReadyHost,
  { path, files, ...asked }: Asked,
  signal: AbortSignal,
): AsyncGenerator<InfillEvent, void, void> {
  const request: Omit<HostInfill, "request"> = {
    type: "infill",
    model: checked(model).id,
    priority: asked.priority,
    ...(path === undefined ? {} : { path }),
    prefix: asked.prefix,
    suffix: asked.suffix,
    files: files.map((file) => ({ path: file.path, text: file.text })),
    sampler: asked.sampling,
    maxTokens: asked.maxTokens,
  };
  for await (const reply of boundedByAbort(connection.request(request, signal), signal)) {
    if (reply.type === "text") yield { type: "text-delta", delta: reply.text };
    else if (reply.type === "end") {
      yield finishOf(reply);
      return;
    }
  }
  yield aborted;
}

function finishOf(reply: Extract<RequestReply, { type: "end" }>): InfillFinish {
  const { promptTokens, reusedTokens, outputTokens } = reply;
  return { type: "finish", reason: reply.reason, usage: { promptTokens, reusedTokens, outputTokens } };
}

function checked(model: HostModel): HostModel {
  if (model.infill) return model;
  throw new TrustError("MODEL_INVALID", `${model.name} was not trained to write code at a cursor`, {
    hint: "choose a code model that was, such as a Qwen Coder, StarCoder, Codestral or CodeLlama: -m PATH.gguf",
  });
}
