import { readFileSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";

/** What this machine has, in bytes and cores; `cores` respects CPU limits of containers. */
export interface Machine {
  cores: number;
  cpuModel: string;
  memoryBytes: number;
  freeMemoryBytes: number;
}

export function readMachine(): Machine {
  return {
    cores: Math.max(1, Math.min(availableParallelism(), cgroupCores(readCpuLimit()))),
    cpuModel: cpus()[0]?.model.trim() ?? "unknown",
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
  };
}

/** `cpu.max` of cgroup v2 holds "QUOTA PERIOD" in microseconds, or "max PERIOD". */
export function cgroupCores(limit: string): number {
  const [quota, period] = limit.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined || !(quota > 0) || !(period > 0)) return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor(quota / period));
}

function readCpuLimit(): string {
  try {
    return readFileSync("/sys/fs/cgroup/cpu.max", "utf8");
  } catch {
    return "max";
  }
}
