import { existsSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { getLlama, type Llama, NoBinaryFoundError } from "node-llama-cpp";

import { readMachine, threadsFor } from "../../../hardware/index.ts";
import { TrustError } from "../../../protocol/errors.ts";
import type { HostLoad } from "../../../protocol/host.ts";
import type { LlamaLog } from "./llama-log.ts";

type Backend = NonNullable<HostLoad["backend"]>;
const gpuOption = { cpu: false, vulkan: "vulkan", cuda: "cuda", metal: "metal" } as const;

/**
 * GPU binaries are not part of the installation: `trust host backend install` puts them under
 * `directory`. This makes the library's own import of `@node-llama-cpp/<platform>-<gpu>` find them there.
 */
export function useInstalledBackends(directory: string | undefined): void {
  if (directory === undefined || !existsSync(directory)) return;
  const from = createRequire(pathToFileURL(join(directory, "package.json")));
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!/^@node-llama-cpp\/[a-z0-9-]+$/.test(specifier)) return nextResolve(specifier, context);
      const installed = join(directory, "node_modules", specifier, "package.json");
      if (!existsSync(installed)) return nextResolve(specifier, context);
      return { url: pathToFileURL(from.resolve(specifier)).href, shortCircuit: true };
    },
  });
}

/** Loads llama.cpp for the asked backend. Never compiles and never downloads. */
export async function startLlama(backend: Backend | undefined, log: LlamaLog): Promise<Llama> {
  const chosen = backend ?? (process.platform === "darwin" && process.arch === "arm64" ? "metal" : "cpu");
  try {
    return await getLlama({
      gpu: gpuOption[chosen],
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logger: (level, message) => log.note(level, message),
      maxThreads: threadsNow(undefined),
    });
  } catch (cause) {
    if (!(cause instanceof NoBinaryFoundError)) throw cause;
    const hint = chosen === "cpu" ? "npm ci" : `trust host backend install ${chosen}`;
    throw new TrustError("HOST_MISSING", `no llama.cpp binary for ${chosen} on this machine`, { hint, cause });
  }
}

/** Threads to use right now: never the library's default, which starves a small machine. */
export function threadsNow(requested: number | undefined): number {
  return threadsFor(readMachine().cores, requested);
}
