import { type GpuFacts, plannableVram } from "./gpu.ts";
import type { Machine } from "./machine.ts";
import type { KvType } from "./memory.ts";

/** What was asked for; what is absent is chosen. Sizes in bytes, lengths in tokens. */
export interface LoadWish {
  contextSize?: number;
  threads?: number;
  gpuLayers?: number;
  kvType?: KvType;
  sequences?: number;
  /** What all models together may use. */
  ramBytes?: number;
  vramBytes?: number;
  /** The models that are in memory and stay. Their plans will do. */
  residents?: readonly ResidentMemory[];
  /** The numbers of layers on the GPU with which the process died. */
  failedGpuLayers?: readonly number[];
}

/** `mappedBytes` of its RAM are weights mapped from their file, which the system still counts as available. */
export interface ResidentMemory {
  ramBytes: number;
  vramBytes: number;
  mappedBytes: number;
}

/** What a new model may use. */
export interface Budget {
  ramBytes: number;
  vramBytes: number;
  /** What it uses of VRAM it uses of RAM too. */
  unified: boolean;
}

/** Stays free for the system and for what this process needs besides models. */
const reserveShare = 0.1;
const largestReserve = 512 * 2 ** 20;

export function budgetFor(machine: Machine, gpu: GpuFacts | undefined, wish: LoadWish): Budget {
  const residents = wish.residents ?? [];
  const sum = (measure: (resident: ResidentMemory) => number): number =>
    residents.reduce((total, resident) => total + measure(resident), 0);
  const available = machine.availableBytes - sum(({ mappedBytes }) => mappedBytes);
  const ram = available - Math.min(largestReserve, available * reserveShare);
  const vram = gpu === undefined ? 0 : plannableVram(gpu);
  const within = (limit: number | undefined, used: number): number => (limit ?? Number.POSITIVE_INFINITY) - used;
  return {
    ramBytes: Math.max(
      0,
      Math.floor(
        Math.min(
          ram,
          within(
            wish.ramBytes,
            sum(({ ramBytes }) => ramBytes),
          ),
        ),
      ),
    ),
    vramBytes: Math.max(
      0,
      Math.floor(
        Math.min(
          vram,
          within(
            wish.vramBytes,
            sum(({ vramBytes }) => vramBytes),
          ),
        ),
      ),
    ),
    unified: gpu?.unified ?? false,
  };
}
