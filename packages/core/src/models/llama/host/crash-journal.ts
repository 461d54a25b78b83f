import { readFileSync, statSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";

import * as z from "zod";

import { parseJson } from "../../../protocol/json.ts";
import { writeWhole } from "./write-whole.ts";

const Entry = z.strictObject({ model: z.string(), gpuLayers: z.int(), pid: z.int(), at: z.number() });
type Entry = z.infer<typeof Entry>;
const Journal = z.array(Entry);

/** A crash says little about a machine that changed since. */
const rememberedMilliseconds = 24 * 3600 * 1000;
/** What a machine that was switched off left behind was no crash of ours. */
const bootedAt = (): number => Date.now() - uptime() * 1000;

export interface JournalOptions {
  now?: () => number;
  isAlive?: (pid: number) => boolean;
  /** Notes from before this time do not count. */
  since?: number;
}

/**
 * Notes which models lie on the GPU while they do. What a process that is gone left behind is a crash: drivers and
 * llama.cpp end the process when GPU memory runs out. The next plan for that model then uses fewer layers.
 */
export class CrashJournal {
  readonly #file: string;
  readonly #now: () => number;
  readonly #isAlive: (pid: number) => boolean;
  readonly #since: number;

  constructor(directory: string, { now = Date.now, isAlive = lives, since = bootedAt() }: JournalOptions = {}) {
    this.#file = join(directory, "gpu-loads.json");
    this.#now = now;
    this.#isAlive = isAlive;
    this.#since = since;
  }

  /** The numbers of layers with which this model ended a process within the last day. */
  failures(path: string): number[] {
    const model = keyOf(path);
    return this.#entries()
      .filter((entry) => entry.model === model && !this.#isAlive(entry.pid))
      .map(({ gpuLayers }) => gpuLayers);
  }

  /** Notes a load. Dispose it when the model has left the GPU in good order. */
  begin(path: string, gpuLayers: number): Disposable {
    const entry = { model: keyOf(path), gpuLayers, pid: process.pid, at: this.#now() };
    this.#write([...this.#entries(), entry]);
    return { [Symbol.dispose]: () => this.#write(this.#entries().filter((one) => !same(one, entry))) };
  }

  #entries(): Entry[] {
    try {
      const all = parseJson(readFileSync(this.#file, "utf8"), Journal, this.#file);
      return all.filter(({ at }) => at >= this.#since && this.#now() - at < rememberedMilliseconds);
    } catch {
      return [];
    }
  }

  #write(entries: readonly Entry[]): void {
    try {
      writeWhole(this.#file, JSON.stringify(entries));
    } catch {
      // Where nothing can be written a crash is not remembered, which is no reason to load nothing.
    }
  }
}

const same = (a: Entry, b: Entry): boolean =>
  a.model === b.model && a.pid === b.pid && a.at === b.at && a.gpuLayers === b.gpuLayers;

function keyOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return JSON.stringify([path, found?.size, found?.mtimeMs]);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
