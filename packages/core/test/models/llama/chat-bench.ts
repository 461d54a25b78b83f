import { type Addon, type AddonContext, type Llama, openLlama } from "../../../src/models/llama/host/addon.ts";
import { generate } from "../../../src/models/llama/host/generate.ts";
import { LlamaLog } from "../../../src/models/llama/host/llama-log.ts";
import { planFor } from "../../../src/models/llama/host/load-plan.ts";
import { checkedHeader, type ChatModel, loadChatModel } from "../../../src/models/llama/host/loaded-model.ts";
import type { StateStore } from "../../../src/models/llama/host/state-keeper.ts";
import type { HostGenerate, HostReply } from "../../../src/protocol/host.ts";
import { asking, said, type Said } from "./host-bench.ts";
import { never } from "./llama-bench.ts";

export interface ChatBench extends AsyncDisposable {
  model: ChatModel;
  /** How many batches llama.cpp was given. */
  readonly batches: number;
  say(text: string, more?: Partial<HostGenerate>, how?: SayOptions): Promise<Said>;
}

interface SayOptions {
  signal?: AbortSignal;
  watch?: (reply: HostReply) => void;
}

export interface ChatBenchOptions {
  sequences?: number;
  batchSize?: number;
  store?: StateStore;
}

/** A model with its decode loop, without what surrounds them in a host, and with so many sequences as asked for. */
export async function chatBench(path: string, options: ChatBenchOptions = {}): Promise<ChatBench> {
  const { store, ...shape } = options;
  const opened = await openLlama(undefined, new LlamaLog(() => undefined), undefined);
  let batches = 0;
  const llama = counting(opened, () => batches++);
  const request = { type: "load", request: 0, path, threads: 1 } as const;
  const { plan } = planFor(llama, request, { residents: [], failedGpuLayers: [] });
  const model = await loadChatModel(llama, request, {
    id: 1,
    header: checkedHeader(path),
    plan: { ...plan, ...shape },
    rewind: { kind: "free" },
    store,
    threads: () => 1,
    signal: never(),
    onProgress: () => undefined,
  });
  return {
    model,
    get batches() {
      return batches;
    },
    async say(text, more, { signal = never(), watch } = {}) {
      const replies: HostReply[] = [];
      await generate(model, { ...asking(model.info, text, more), request: 1 }, signal, (reply) => {
        replies.push(reply);
        watch?.(reply);
      });
      return said(replies);
    },
    [Symbol.asyncDispose]: () => model.close(),
  };
}

/** llama.cpp, which tells each batch before it is computed. */
function counting(llama: Llama, onBatch: () => void): Llama {
  const { addon } = llama;
  class Context extends (addon.AddonContext as new (
    ...parts: ConstructorParameters<Addon["AddonContext"]>
  ) => AddonContext) {
    override decodeBatch(): Promise<void> {
      onBatch();
      return super.decodeBatch();
    }
  }
  const own = Object.create(addon, { AddonContext: { value: Context } }) as Addon;
  return { ...llama, addon: own };
}
