import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { parseJson } from "../../../protocol/json.ts";
import { writeWhole } from "./write-whole.ts";

const Entry = z.strictObject({ model: z.string(), gpuLayers: z.int(), pid: z.int(), at: z.number() });
type Entry = z.infer<typeof Entry>;
const Journal = z.array(Entry);

/** A crash says little about a machine that was started or changed since. */
const rememberedMilliseconds = 24 * 3600 * 1000;

/**
 * Notes which models lie on the GPU while they do. What a process that is gone left behind is a crash: drivers and
 * llama.cpp end the process when GPU memory runs out. The next plan for that model then uses fewer layers.
 */
export class CrashJournal {
  readonly #file: string;
  readonly #now: () => number;
  readonly #isAlive: (pid: number) => boolean;

  constructor(directory: string, now: () => number = Date.now, isAlive: (pid: number) => boolean = lives) {
    this.#file = join(directory, "gpu-loads.json");
    this.#now = now;
    this.#isAlive = isAlive;
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
      return all.filter(({ at }) => this.#now() - at < rememberedMilliseconds);
    } catch {
      return [];
    }
  }

  #write(entries: readonly Entry[]): void {
    writeWhole(this.#file, JSON.stringify(entries));
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
