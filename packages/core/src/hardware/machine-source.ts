import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, freemem, platform, totalmem } from "node:os";

/** Where facts about a machine are read: this one, or one that was recorded. */
export interface MachineSource {
  platform: string;
  architecture: string;
  /** As Node tells it. */
  cpuModel: string;
  parallelism: number;
  memoryBytes: number;
  freeBytes: number;
  /** The text of a file of the system; undefined when it cannot be read. */
  read: (path: string) => string | undefined;
  /** What a program of the system prints; undefined when it fails. */
  run: (program: string, ...args: string[]) => string | undefined;
}

export function thisMachine(): MachineSource {
  return {
    platform: platform(),
    architecture: arch(),
    cpuModel: cpus()[0]?.model.trim() ?? "",
    parallelism: availableParallelism(),
    memoryBytes: totalmem(),
    freeBytes: freemem(),
    read: (path) => attempt(() => readFileSync(path, "utf8")),
    run: (program, ...args) =>
      attempt(() =>
        execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 2000 }),
      ),
  };
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
