import { statSync } from "node:fs";

import type { ResidentMemory } from "../../../hardware/index.ts";
import { TrustError } from "../../../protocol/errors.ts";
import type { HostLoad, HostStatus } from "../../../protocol/host.ts";
import type { Llama } from "./addon.ts";
import type { ChatModel } from "./loaded-model.ts";

/** A model that makes vectors or scores, in memory. */
export interface VectorModel {
  info: ChatModel["info"];
  memory: ResidentMemory;
  busy: number;
  embed(texts: readonly string[], signal: AbortSignal): Promise<number[][]>;
  rank(query: string, documents: readonly string[], signal: AbortSignal): Promise<number[]>;
  close(): Promise<void>;
}

export type Resident = { use: "chat"; model: ChatModel } | { use: "embedding" | "ranking"; model: VectorModel };

export interface Opening {
  id: number;
  /** The other models in memory. */
  residents: readonly ResidentMemory[];
  signal: AbortSignal;
  onProgress(fraction: number): void;
}

export type OpenModel = (llama: Llama, request: HostLoad, opening: Opening) => Promise<Resident>;

interface Entry {
  id: number;
  key: string;
  request: HostLoad;
  resident: Resident;
  lastUsed: number;
  pinned: boolean;
  keepAlive: number;
}

/** `waiting` hear how far it is. */
interface Loading {
  entry: Promise<Entry>;
  waiting: Set<(fraction: number) => void>;
  controller: AbortController;
}

const keepAliveSeconds = 900;
const sweepMilliseconds = 5000;

/**
 * The models in memory, shared by all clients: a file with the same options is loaded once. Idle ones leave after
 * their time, or when another needs the room; one that left is loaded again when it is asked for by its number.
 */
export class ModelPool {
  readonly #llama: () => Promise<Llama>;
  readonly #open: OpenModel;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Loading>();
  /** What each number stood for, also when the model has left. */
  readonly #requests = new Map<number, HostLoad>();
  readonly #sweep: NodeJS.Timeout;
  #nextId = 1;

  constructor(llama: () => Promise<Llama>, open: OpenModel) {
    this.#llama = llama;
    this.#open = open;
    this.#sweep = setInterval(() => void this.#leaveAfterTheirTime(), sweepMilliseconds);
    this.#sweep.unref();
  }

  get busy(): number {
    return [...this.#entries.values()].reduce((sum, { resident }) => sum + busyOf(resident), this.#loading.size);
  }

  /** Loads the model, or finds it in memory. A load that several clients wait for ends for none before the last. */
  async acquire(request: HostLoad, signal: AbortSignal, onProgress: (fraction: number) => void): Promise<Resident> {
    const key = keyOf(request);
    const present = this.#entries.get(key);
    const entry = present ?? (await this.#loadOnce(key, request, { signal, onProgress }));
    entry.lastUsed = performance.now();
    entry.pinned ||= request.pinned === true;
    entry.keepAlive = request.keepAliveSeconds ?? entry.keepAlive;
    return entry.resident;
  }

  async byId(id: number, signal: AbortSignal, onProgress: (fraction: number) => void): Promise<Resident> {
    const request = this.#requests.get(id);
    if (request === undefined) throw new TrustError("MODEL_MISSING", `model ${id} was never loaded in this model host`);
    for (const entry of this.#entries.values()) {
      if (entry.id !== id) continue;
      entry.lastUsed = performance.now();
      return entry.resident;
    }
    return await this.acquire(request, signal, onProgress);
  }

  /** Unloads every idle model of this file; gives how many. */
  async unload(path: string): Promise<number> {
    const leaving = [...this.#entries.values()].filter(
      (entry) => entry.request.path === path && busyOf(entry.resident) === 0,
    );
    for (const entry of leaving) await this.#evict(entry);
    return leaving.length;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    for (const entry of this.#entries.values()) await this.#evict(entry);
  }

  status(): HostStatus["models"] {
    const now = performance.now();
    return Array.from(this.#entries.values(), ({ request, resident, pinned, lastUsed }) => {
      const { info } = resident.model;
      const { ramBytes, vramBytes, sequences, threads } = info.plan;
      return {
        name: info.name,
        path: request.path,
        use: resident.use,
        sizeBytes: info.sizeBytes,
        ramBytes,
        vramBytes,
        contextSize: info.contextSize,
        sequences,
        threads,
        busy: busyOf(resident),
        pinned,
        idleSeconds: busyOf(resident) > 0 ? 0 : (now - lastUsed) / 1000,
      };
    });
  }

  async #loadOnce(
    key: string,
    request: HostLoad,
    { signal, onProgress }: Pick<Opening, "signal" | "onProgress">,
  ): Promise<Entry> {
    signal.throwIfAborted();
    const loading = this.#loading.get(key) ?? this.#begin(key, request);
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const leave = (): void => reject(signal.reason as Error);
    const hear = (fraction: number): void => onProgress(fraction);
    loading.waiting.add(hear);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([loading.entry, gone]);
    } finally {
      signal.removeEventListener("abort", leave);
      loading.waiting.delete(hear);
      if (loading.waiting.size === 0) this.#abandon(key, loading);
    }
  }

  #begin(key: string, request: HostLoad): Loading {
    const waiting: Loading["waiting"] = new Set();
    const controller = new AbortController();
    const onProgress = (fraction: number): void => {
      for (const hear of waiting) hear(fraction);
    };
    const entry = this.#load(key, request, { signal: controller.signal, onProgress });
    const loading = { entry, waiting, controller };
    this.#loading.set(key, loading);
    return loading;
  }

  /** Ends a load for which nobody waits any more; whoever asks for the model now begins another one. */
  #abandon(key: string, loading: Loading): void {
    if (this.#loading.get(key) === loading) this.#loading.delete(key);
    loading.controller.abort();
  }

  async #load(key: string, request: HostLoad, how: Pick<Opening, "signal" | "onProgress">): Promise<Entry> {
    const llama = await this.#llama();
    const id = this.#idFor(key);
    const resident = await this.#openWithRoom(llama, request, { id, ...how });
    if (how.signal.aborted) {
      await resident.model.close();
      how.signal.throwIfAborted();
    }
    const keepAlive = request.keepAliveSeconds ?? keepAliveSeconds;
    const entry = {
      id,
      key,
      request,
      resident,
      lastUsed: performance.now(),
      pinned: request.pinned === true,
      keepAlive,
    };
    this.#entries.set(key, entry);
    this.#requests.set(id, request);
    return entry;
  }

  readonly #ids = new Map<string, number>();

  #idFor(key: string): number {
    const id = this.#ids.get(key) ?? this.#nextId++;
    this.#ids.set(key, id);
    return id;
  }

  /** Lets idle models leave, the longest unused first, until the new one has room. */
  async #openWithRoom(llama: Llama, request: HostLoad, opening: Omit<Opening, "residents">): Promise<Resident> {
    for (;;) {
      try {
        return await this.#open(llama, request, { ...opening, residents: this.#residents() });
      } catch (error) {
        const leaves = this.#leastNeeded();
        const lacksRoom = error instanceof TrustError && error.code === "MODEL_FAILED";
        if (!lacksRoom || leaves === undefined) throw error;
        await this.#evict(leaves);
      }
    }
  }

  #residents(): ResidentMemory[] {
    return Array.from(this.#entries.values(), ({ resident }) => resident.model.memory);
  }

  #leastNeeded(): Entry | undefined {
    return [...this.#entries.values()]
      .filter(({ resident, pinned }) => !pinned && busyOf(resident) === 0)
      .toSorted((a, b) => a.lastUsed - b.lastUsed)[0];
  }

  async #leaveAfterTheirTime(): Promise<void> {
    const now = performance.now();
    for (const entry of this.#entries.values()) {
      if (busyOf(entry.resident) > 0) entry.lastUsed = now;
      const isOver = now - entry.lastUsed > entry.keepAlive * 1000;
      if (isOver && !entry.pinned) await this.#evict(entry);
    }
  }

  async #evict(entry: Entry): Promise<void> {
    this.#entries.delete(entry.key);
    await entry.resident.model.close();
  }
}

const busyOf = (resident: Resident): number =>
  resident.use === "chat" ? resident.model.loop.busy : resident.model.busy;

/** A file that was written anew is another model. */
function keyOf({ path, use, contextSize, gpuLayers, kvType, adapters, draft }: HostLoad): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return JSON.stringify([path, found?.size, found?.mtimeMs, use, contextSize, gpuLayers, kvType, adapters, draft]);
}
