import { cgroupLimits } from "./cgroup.ts";
import { type CpuFacts, readCpu } from "./cpu.ts";
import { type MemoryFacts, readMemory } from "./machine-memory.ts";
import { type MachineSource, thisMachine } from "./machine-source.ts";

/** What this process may use of its machine. Memory respects the limits of containers. */
export interface Machine extends MemoryFacts, Omit<CpuFacts, "model" | "features"> {
  /** What it may keep busy, in whole logical processors: affinity and the CPU limits of containers are respected. */
  cores: number;
  cpuModel: string;
  cpuFeatures: readonly string[];
}

export const readMachine = (): Machine => describeMachine(thisMachine());

/** @internal */
export function describeMachine(source: MachineSource): Machine {
  const { model: cpuModel, features: cpuFeatures, ...cpu } = readCpu(source);
  const memory = readMemory(source);
  const limits = cgroupLimits(source.platform === "linux" ? source.read : () => undefined);
  const cores = Math.min(cpu.logicalCores, source.parallelism, Math.floor(limits.cores));
  return {
    ...cpu,
    cpuModel,
    cpuFeatures,
    cores: Math.max(1, cores),
    ...memory,
    memoryBytes: Math.min(memory.memoryBytes, limits.memoryBytes),
    availableBytes: Math.min(memory.availableBytes, limits.availableBytes),
  };
}
