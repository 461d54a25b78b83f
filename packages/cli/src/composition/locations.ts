import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { HostEntry, TemplateWorkerEntry } from "@trust-cli/core/models";

const here = dirname(fileURLToPath(import.meta.url));

/** Where the installed program keeps what it ships: the same from the bundle and from source. */
const coreFolder = dirname(createRequire(import.meta.url).resolve("@trust-cli/core/package.json"));

/** The built-in model, an unpacked ModelKit. */
export const nanoFolder = join(coreFolder, "nano");

/** How to start a model host: the bundled one, or in a source tree the TypeScript itself. */
export function hostEntry(backendsDirectory: string): HostEntry {
  const bundled = join(here, "host.js");
  const args = existsSync(bundled)
    ? [bundled]
    : ["--conditions=@trust-cli/source", join(coreFolder, "src", "models", "llama", "host", "main.ts")];
  return { command: process.execPath, args, backendsDirectory };
}

/** The thread that runs chat templates: the bundled one, or in a source tree the TypeScript itself. */
export function templateWorker(): TemplateWorkerEntry {
  const bundled = join(here, "template-worker.js");
  if (existsSync(bundled)) return { path: bundled, execArgv: [] };
  const path = join(coreFolder, "src", "models", "templates", "worker.ts");
  return { path, execArgv: ["--conditions=@trust-cli/source"] };
}

/** The program as it is installed, for others to start: Git's hooks call it. The same from the bundle and from source. */
export const commandScript = (): string => join(here, "..", "..", "bin", "trust.js");
