import type { Llama } from "node-llama-cpp";

import { errorBody, TrustError } from "../../../protocol/errors.ts";
import { type HostLoad, hostProtocolVersion, type HostReply, type HostRequest } from "../../../protocol/host.ts";
import { startLlama, threadsNow } from "./backend.ts";
import { generate } from "./generate.ts";
import { LlamaLog } from "./llama-log.ts";
import { type LoadedModel, loadModel, tokenizePrompt, unloadModel } from "./loaded-model.ts";
import { renderNatively } from "./native-template.ts";
import { testGrammar } from "./test-grammar.ts";

/** Answers one client's requests. Work on the model runs one at a time, in order; cancels overtake it. */
export class HostServer {
  readonly #send: (reply: HostReply) => void;
  readonly #running = new Map<number, AbortController>();
  readonly #log = new LlamaLog();
  #llama: Llama | undefined;
  #loaded: LoadedModel | undefined;
  #threads: number | undefined;
  #mismatch: TrustError | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(send: (reply: HostReply) => void) {
    this.#send = send;
  }

  handle(request: HostRequest): void {
    switch (request.type) {
      case "hello":
        this.#send({ type: "hello", protocol: hostProtocolVersion, pid: process.pid });
        this.#mismatch = protocolMismatch(request.protocol);
        return;
      case "cancel":
        this.#running.get(request.request)?.abort();
        return;
      case "shutdown":
        process.exit(0);
        return;
      case "load":
        this.#enqueue(request.request, (signal) => this.#load(request, signal));
        return;
      case "count":
        this.#enqueue(request.request, () => {
          const tokens = tokenizePrompt(this.#model().model, request.prompt).length;
          this.#send({ type: "counted", request: request.request, tokens });
          return Promise.resolve();
        });
        return;
      case "render":
        this.#enqueue(request.request, async () => {
          this.#llama ??= await startLlama(undefined, this.#log);
          const texts = renderNatively(this.#llama, request.template, request.values);
          this.#send({ type: "rendered", request: request.request, texts });
        });
        return;
      case "accepts":
        this.#enqueue(request.request, async (signal) => {
          this.#llama ??= await startLlama(undefined, this.#log);
          const accepted = await testGrammar(this.#llama, request, this.#log, signal);
          this.#send({ type: "accepted", request: request.request, accepted });
        });
        return;
      case "generate":
        this.#enqueue(request.request, (signal) => {
          const loaded = this.#model();
          loaded.llama.maxThreads = threadsNow(this.#threads);
          return generate(loaded, request, signal, this.#send);
        });
    }
  }

  #enqueue(request: number, work: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    this.#running.set(request, controller);
    this.#queue = this.#queue.then(async () => {
      try {
        if (this.#mismatch !== undefined) throw this.#mismatch;
        await work(controller.signal);
      } catch (error) {
        this.#send({ type: "failed", request, error: errorBody(error) });
      } finally {
        this.#running.delete(request);
      }
    });
  }

  async #load(request: HostLoad, signal: AbortSignal): Promise<void> {
    this.#llama ??= await startLlama(request.backend, this.#log);
    this.#threads = request.threads;
    this.#llama.maxThreads = threadsNow(request.threads);
    if (this.#loaded !== undefined) {
      await unloadModel(this.#loaded);
      this.#loaded = undefined;
    }
    this.#loaded = await loadModel(this.#llama, request, {
      signal,
      log: this.#log,
      onProgress: (fraction) => this.#send({ type: "loading", request: request.request, fraction }),
    });
    this.#send({ type: "loaded", request: request.request, model: this.#loaded.info });
  }

  #model(): LoadedModel {
    if (this.#loaded === undefined) throw new TrustError("MODEL_MISSING", "no model is loaded in the model host");
    return this.#loaded;
  }
}

function protocolMismatch(asked: number): TrustError | undefined {
  if (asked === hostProtocolVersion) return undefined;
  return new TrustError(
    "HOST_MISSING",
    `the model host speaks protocol ${hostProtocolVersion}, but was asked for protocol ${asked}`,
    { hint: "npm run build" },
  );
}
