import { cpus } from "node:os";

import type { Machine } from "./machine.ts";

/** Processor time since some fixed moment, in milliseconds. */
export interface CpuTimes {
  /** Of all processors and all programs. */
  busy: number;
  /** Of this process alone. */
  own: number;
  now: number;
  processors: number;
}

/**
 * The processors where other programs take time from our threads: all that this process may use but efficiency cores,
 * on which our threads do not run and the system can put others.
 */
export const contestedCores = ({ cores, efficiencyCores }: Pick<Machine, "cores" | "efficiencyCores">): number =>
  Math.max(1, cores - efficiencyCores);

/** The time between two readings must be worth a measurement; a shorter one gives the last result again. */
const shortest = 100;

/**
 * A function that tells how many of `cores`, from `contestedCores`, other programs kept busy since it was last called.
 * When the machine has more processors, load that fits on the others does not count.
 */
export function createLoadSampler(cores: number, read: () => CpuTimes = readCpuTimes): () => number {
  let last = read();
  let load = 0;
  return () => {
    const next = read();
    const elapsed = next.now - last.now;
    if (elapsed < shortest) return load;
    const others = (next.busy - last.busy - (next.own - last.own)) / elapsed;
    const elsewhere = Math.max(0, next.processors - cores);
    load = Math.min(cores, Math.max(0, others - elsewhere));
    last = next;
    return load;
  };
}

function readCpuTimes(): CpuTimes {
  const all = cpus();
  const { user, system } = process.cpuUsage();
  const busy = all.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { busy, own: (user + system) / 1000, now: performance.now(), processors: all.length };
}
