import { parseSysctl } from "./cpu.ts";
import type { MachineSource } from "./machine-source.ts";

/** In bytes. `availableBytes` is what programs can still get without swapping: free memory and the page cache. */
export interface MemoryFacts {
  memoryBytes: number;
  availableBytes: number;
  swapBytes: number;
  freeSwapBytes: number;
}

export function readMemory(source: MachineSource): MemoryFacts {
  switch (source.platform) {
    case "linux":
      return linuxMemory(source);
    case "darwin":
      return appleMemory(source);
    default:
      return plainMemory(source);
  }
}

const plainMemory = ({ memoryBytes, freeBytes }: MachineSource): MemoryFacts => ({
  memoryBytes,
  availableBytes: Math.min(memoryBytes, freeBytes),
  swapBytes: 0,
  freeSwapBytes: 0,
});

function linuxMemory(source: MachineSource): MemoryFacts {
  const info = source.read("/proc/meminfo") ?? "";
  const bytes = (name: string): number | undefined => {
    const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(info)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
  const memoryBytes = bytes("MemTotal") ?? source.memoryBytes;
  return {
    memoryBytes,
    availableBytes: Math.min(memoryBytes, bytes("MemAvailable") ?? bytes("MemFree") ?? source.freeBytes),
    swapBytes: bytes("SwapTotal") ?? 0,
    freeSwapBytes: bytes("SwapFree") ?? 0,
  };
}

function appleMemory(source: MachineSource): MemoryFacts {
  const pages = parseSysctl(source.run("vm_stat") ?? "");
  const pageBytes = Number(/page size of (\d+) bytes/.exec([...pages.values()].join("\n"))?.[1] ?? 4096);
  const count = (name: string): number => Number.parseInt(pages.get(name) ?? "0", 10) || 0;
  const free = count("Pages free") + count("Pages inactive") + count("Pages speculative") + count("Pages purgeable");
  const swap = /total = ([\d.]+)M.*free = ([\d.]+)M/.exec(source.run("sysctl", "vm.swapusage") ?? "");
  const { memoryBytes, availableBytes } = plainMemory(source);
  return {
    memoryBytes,
    availableBytes: free === 0 ? availableBytes : Math.min(memoryBytes, free * pageBytes),
    swapBytes: Math.round(Number(swap?.[1] ?? 0) * 2 ** 20),
    freeSwapBytes: Math.round(Number(swap?.[2] ?? 0) * 2 ** 20),
  };
}
