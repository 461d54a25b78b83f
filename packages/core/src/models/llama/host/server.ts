import { readMachine } from "../../../hardware/index.ts";
import { errorBody, TrustError } from "../../../protocol/errors.ts";
import { hostProtocolVersion, type HostReply, type HostRequest, type HostStatus } from "../../../protocol/host.ts";
import { type BackendName, type Llama, openLlama } from "./addon.ts";
import { generate } from "./generate.ts";
import { infill } from "./infill.ts";
import { LlamaLog } from "./llama-log.ts";
import { devicesOf } from "./load-plan.ts";
import type { ChatModel } from "./loaded-model.ts";
import { ModelPool, type Resident, type VectorModel } from "./model-pool.ts";
import { renderNatively } from "./native-template.ts";
import { createModelOpener } from "./open-model.ts";
import { ReadAhead } from "./read-ahead.ts";
import { testGrammar } from "./test-grammar.ts";
import { HostThreads } from "./threads.ts";

export interface HostServerOptions {
  backend?: BackendName | undefined;
  backendsDirectory?: string | undefined;
  /** Where KV states and measurements are kept; without it none are. */
  stateDirectory?: string | undefined;
  /** Where llama.cpp's own words go; default: standard error. */
  note?: ((level: string, message: string) => void) | undefined;
}

/** One program's end of a connection. */
export interface HostClient {
  handle(request: HostRequest): void;
  /** The program is gone: its work ends at once. */
  close(): void;
}

const loadReportMilliseconds = 50;

type Numbered = Exclude<Extract<HostRequest, { request: number }>, { type: "cancel" }>;
type Work = (signal: AbortSignal) => Promise<void>;

/** Serves all clients with one llama.cpp and one pool of models. */
export class HostServer {
  readonly #log: LlamaLog;
  readonly #options: HostServerOptions;
  readonly #threads: HostThreads;
  readonly #pool: ModelPool;
  readonly #clients = new Set<Client>();
  readonly #began = performance.now();
  #llama: Promise<Llama> | undefined;
  readonly #readAhead: ReadAhead;
  #quietSince: number | undefined = performance.now();

  constructor(options: HostServerOptions = {}) {
    this.#options = options;
    this.#log = new LlamaLog(options.note);
    this.#threads = new HostThreads(options.stateDirectory);
    this.#pool = new ModelPool(() => this.#start(), createModelOpener(this.#threads, options.stateDirectory));
    this.#readAhead = new ReadAhead(
      () => this.#pool.busy > 0,
      () => readMachine().availableBytes,
    );
  }

  /** Since when, in performance.now(), there is neither client nor work; undefined while there is any. */
  get quietSince(): number | undefined {
    if (this.#clients.size > 0 || this.#pool.busy > 0) this.#quietSince = undefined;
    else this.#quietSince ??= performance.now();
    return this.#quietSince;
  }

  connect(send: (reply: HostReply) => void): HostClient {
    const client = new Client(this, send);
    this.#clients.add(client);
    this.#quietSince = undefined;
    return client;
  }

  /** Saves the states of idle sequences, and frees all models. */
  close(): Promise<void> {
    this.#readAhead.close();
    return this.#pool.close();
  }

  gone(client: Client): void {
    this.#clients.delete(client);
    this.#threads.busy(client, 0);
  }

  /** Reads a file into the page cache while nobody waits. */
  warm(path: string): void {
    this.#readAhead.add(path);
  }

  busy(client: Client, cores: number): void {
    this.#threads.busy(client, cores);
  }

  /** What a request asks for, as work that answers it. */
  workOf(request: Numbered, send: (reply: HostReply) => void): Work {
    const { request: number } = request;
    switch (request.type) {
      case "load":
        return async (signal) => {
          const { model } = await this.#pool.acquire(request, signal, loading(number, send));
          send({ type: "loaded", request: number, model: model.info });
        };
      case "count":
        return async (signal) => {
          const { vocabulary } = await this.#chat(request, signal, send);
          send({ type: "counted", request: number, tokens: (await vocabulary.tokenizePrompt(request.prompt)).length });
        };
      case "generate":
        return async (signal) => generate(await this.#chat(request, signal, send), request, signal, send);
      case "infill":
        return async (signal) => infill(await this.#chat(request, signal, send), request, signal, send);
      case "embed":
        return async (signal) => {
          const model = await this.#vectors(request, "embedding", signal, send);
          send({ type: "embedded", request: number, vectors: await model.embed(request.texts, signal) });
        };
      case "rank":
        return async (signal) => {
          const model = await this.#vectors(request, "ranking", signal, send);
          send({ type: "ranked", request: number, scores: await model.rank(request.query, request.documents, signal) });
        };
      case "render":
        return async () => {
          const texts = renderNatively((await this.#start()).addon, request.template, request.values);
          send({ type: "rendered", request: number, texts });
        };
      case "accepts":
        return async (signal) => {
          const accepted = await testGrammar(await this.#start(), request, signal);
          send({ type: "accepted", request: number, accepted });
        };
      case "status":
        return () => Promise.resolve(send({ type: "status", request: number, status: this.#status() }));
      case "devices":
        return async () => send({ type: "devices", request: number, devices: devicesOf(await this.#start()) });
      case "unload":
        return async () => send({ type: "unloaded", request: number, models: await this.#pool.unload(request.path) });
    }
  }

  #start(): Promise<Llama> {
    const { backend, backendsDirectory } = this.#options;
    this.#llama ??= openLlama(backend, this.#log, backendsDirectory);
    return this.#llama;
  }

  async #chat(
    { model, request }: { model: number; request: number },
    signal: AbortSignal,
    send: (reply: HostReply) => void,
  ): Promise<ChatModel> {
    const resident = await this.#pool.byId(model, signal, loading(request, send));
    if (resident.use === "chat") return resident.model;
    throw wrongUse(resident, "text");
  }

  // oxlint-disable-next-line max-params -- what one request says of itself
  async #vectors(
    { model, request }: { model: number; request: number },
    use: "embedding" | "ranking",
    signal: AbortSignal,
    send: (reply: HostReply) => void,
  ): Promise<VectorModel> {
    const resident = await this.#pool.byId(model, signal, loading(request, send));
    if (resident.use !== "chat" && resident.use === use) return resident.model;
    throw wrongUse(resident, use);
  }

  #status(): HostStatus {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      pid: process.pid,
      backend: this.#options.backend ?? "cpu",
      uptimeSeconds: (performance.now() - this.#began) / 1000,
      clients: [...this.#clients].map(({ name }) => ({ name })),
      models: this.#pool.status(),
      memory: { rssBytes: rss, heapBytes: heapUsed },
    };
  }
}

/** Progress of a load, at most every 50 ms. */
function loading(request: number, send: (reply: HostReply) => void): (fraction: number) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (fraction) => {
    const now = performance.now();
    if (fraction < 1 && now - last < loadReportMilliseconds) return;
    last = now;
    send({ type: "loading", request, fraction });
  };
}

/** One client's requests, each of which can be cancelled alone. */
class Client implements HostClient {
  name = "unnamed";
  readonly #server: HostServer;
  readonly #send: (reply: HostReply) => void;
  readonly #running = new Map<number, AbortController>();
  #mismatch: TrustError | undefined;
  #closed = false;

  constructor(server: HostServer, send: (reply: HostReply) => void) {
    this.#server = server;
    this.#send = (reply) => {
      if (!this.#closed) send(reply);
    };
  }

  handle(request: HostRequest): void {
    switch (request.type) {
      case "hello":
        this.name = request.client ?? this.name;
        this.#mismatch = protocolMismatch(request.protocol);
        this.#send({ type: "hello", protocol: hostProtocolVersion, pid: process.pid });
        return;
      case "cancel":
        this.#running.get(request.request)?.abort();
        return;
      case "busy":
        this.#server.busy(this, request.cores);
        return;
      case "warm":
        this.#server.warm(request.path);
        return;
      case "shutdown":
        return;
      default:
        void this.#answer(request);
    }
  }

  close(): void {
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort();
    this.#server.gone(this);
  }

  async #answer(request: Numbered): Promise<void> {
    const controller = new AbortController();
    this.#running.set(request.request, controller);
    try {
      if (this.#mismatch !== undefined) throw this.#mismatch;
      await this.#server.workOf(request, this.#send)(controller.signal);
    } catch (error) {
      this.#send({ type: "failed", request: request.request, error: errorBody(error) });
    } finally {
      this.#running.delete(request.request);
    }
  }
}

const wrongUse = ({ use, model }: Resident, wanted: string): TrustError =>
  new TrustError("USAGE", `${model.info.name} was loaded for ${use}, not for ${wanted}`);

function protocolMismatch(asked: number): TrustError | undefined {
  if (asked === hostProtocolVersion) return undefined;
  return new TrustError(
    "HOST_MISSING",
    `the model host speaks protocol ${hostProtocolVersion}, but was asked for protocol ${asked}`,
    { hint: "npm run build" },
  );
}
