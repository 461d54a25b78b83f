import { TrustError } from "../../protocol/errors.ts";
import type { HostLoad, HostModel } from "../../protocol/host.ts";
import { HostConnection } from "./host-connection.ts";
import type { HostEntry } from "./host-entry.ts";
import { isCrash } from "./host-transport.ts";

export type ModelSpec = Omit<HostLoad, "type" | "request">;

/** A host that has the model in memory. */
export interface ReadyHost {
  connection: HostConnection;
  model: HostModel;
}

export interface SupervisorOptions {
  /** Seconds without a sign of life after which the host counts as hung. */
  missedBeats?: number | undefined;
  /** Files of models that may be asked for next; the host reads them ahead. */
  next?: (() => Promise<readonly string[]>) | undefined;
}

/** With half of the layers on the GPU, and with none. */
const gpuRetries = 2;

/**
 * Keeps one model host running with one model: starts it when first needed, and again after a crash.
 * Concurrent callers share one start.
 */
export class HostSupervisor implements AsyncDisposable {
  readonly #entry: HostEntry;
  readonly #spec: ModelSpec;
  readonly #missedBeats: number | undefined;
  readonly #next: SupervisorOptions["next"];
  #connection: HostConnection | undefined;
  #opening: Promise<HostConnection> | undefined;
  #ready: Promise<ReadyHost> | undefined;
  #wasReady = false;
  readonly #listeners = new Set<(fraction: number) => void>();
  readonly #life = new AbortController();

  constructor(entry: HostEntry, spec: ModelSpec, { missedBeats, next }: SupervisorOptions = {}) {
    this.#entry = entry;
    this.#spec = spec;
    this.#missedBeats = missedBeats;
    this.#next = next;
  }

  get pid(): number | undefined {
    return this.#connection?.pid;
  }

  /** A host had the model in memory once, so that a crash is worth another start. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Resolves when the model is loaded. `onLoad` hears progress in 0..1 when loading is under way. */
  async ready(onLoad?: (fraction: number) => void): Promise<ReadyHost> {
    if (this.#life.signal.aborted) throw new TrustError("HOST_CRASHED", "The model host was closed");
    if (this.#connection?.crashed !== undefined) this.#ready = undefined;
    this.#ready ??= this.#start();
    if (onLoad === undefined) return this.#ready;
    this.#listeners.add(onLoad);
    try {
      return await this.#ready;
    } finally {
      this.#listeners.delete(onLoad);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#life.abort();
    const connection = await this.#opening?.catch(() => undefined);
    await connection?.close();
  }

  /** A GPU's driver ends the process when its memory runs out; each further load uses less of it. */
  async #start(): Promise<ReadyHost> {
    const { backend = "cpu" } = this.#entry;
    for (let left = backend === "cpu" ? 0 : gpuRetries; ; left--) {
      try {
        return await this.#startOnce();
      } catch (error) {
        if (left === 0 || this.#life.signal.aborted || !isCrash(error)) throw error;
      }
    }
  }

  async #startOnce(): Promise<ReadyHost> {
    const { signal } = this.#life;
    try {
      this.#opening = HostConnection.open(this.#entry, { missedBeats: this.#missedBeats, signal });
      const connection = await this.#opening;
      this.#connection = connection;
      const model = await this.#load(connection);
      this.#wasReady = true;
      void this.#readAhead(connection);
      return { connection, model };
    } catch (error) {
      this.#ready = undefined;
      await this.#connection?.close();
      throw error;
    }
  }

  async #readAhead(connection: HostConnection): Promise<void> {
    const paths = await this.#next?.().catch(() => []);
    for (const path of paths ?? []) connection.notify({ type: "warm", path });
  }

  async #load(connection: HostConnection): Promise<HostModel> {
    for await (const reply of connection.request({ type: "load", ...this.#spec }, this.#life.signal)) {
      if (reply.type === "loading") for (const listener of this.#listeners) listener(reply.fraction);
      if (reply.type === "loaded") return reply.model;
    }
    throw new TrustError("HOST_CRASHED", "The model host ended the load without an answer", { hint: "trust doctor" });
  }
}
