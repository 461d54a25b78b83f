/**
 * Builds llama.cpp's own programs for the interoperability tests and the benchmarks: `npm run interop:setup -- llama-server`.
 * They go to `${TRUST_INTEROP_CACHE:-$HOME/.cache/trust-interop}/llama-server/build/bin`; a stamp makes a second run free.
 * About half an hour on two cores.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { buildLlamaTools, llamaTools } from "@trust-cli/core/models/quantize";

import { cacheFolder } from "./cache.ts";

const core = createRequire(join(import.meta.dirname, "..", "..", "packages", "core", "package.json"));
const bundle = join(dirname(core.resolve("node-llama-cpp")), "..", "llama", "gitRelease.bundle");
const folder = cacheFolder("llama-server");

await buildLlamaTools(
  {
    folder,
    bundle,
    tools: llamaTools,
    onProgress: (step) => process.stderr.write(`${step}\n`),
  },
  new AbortController().signal,
);
process.stdout.write(`${join(folder, "build", "bin")}\n`);
