import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
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
  const parentURL = pathToFileURL(join(directory, "package.json")).href;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const isBackend = /^@node-llama-cpp\/[a-z0-9-]+$/.test(specifier);
      const isInstalled = isBackend && existsSync(join(directory, "node_modules", specifier, "package.json"));
      return nextResolve(specifier, isInstalled ? { ...context, parentURL } : context);
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
    throw noBackend(chosen, cause);
  }
}

function noBackend(chosen: Backend, cause: Error): TrustError {
  const message = `no llama.cpp binary for ${chosen} runs on this machine: it is not installed, or its driver is missing`;
  const gpu = chosen === "vulkan" || chosen === "cuda";
  const hint = gpu ? `trust host backend install ${chosen}, or trust config set host.backend cpu` : "npm ci";
  return new TrustError("HOST_MISSING", message, { hint, cause });
}

/** Threads to use right now: never the library's default, which starves a small machine. */
export function threadsNow(requested: number | undefined): number {
  return threadsFor(readMachine().cores, requested);
}
