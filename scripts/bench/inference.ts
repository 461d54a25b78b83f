import type { Benchmark } from "./benchmark.ts";
import { hostWorkBenchmarks } from "./inference-host.ts";
import { loopBenchmarks } from "./inference-loops.ts";
import { missingTools } from "./inference-rig.ts";
import { speedBenchmarks } from "./inference-speed.ts";
import { readinessBenchmarks } from "./inference-start.ts";

/** Without llama.cpp's own programs there is nothing to measure against, which is said. */
function beside(benchmark: Benchmark): Benchmark {
  return {
    name: benchmark.name,
    async run() {
      const missing = missingTools();
      if (missing.length === 0) return benchmark.run();
      const remedy = "Run: npm run interop:setup -- llama-server";
      process.stderr.write(`SKIPPED ${benchmark.name}: no ${missing.join(", ")}. ${remedy}\n`);
      return [];
    },
  };
}

/** Local models beside llama.cpp's own programs, built from the same sources. */
export const inferenceBenchmarks: readonly Benchmark[] = [
  ...speedBenchmarks,
  ...readinessBenchmarks,
  ...hostWorkBenchmarks,
  ...loopBenchmarks,
].map(beside);
