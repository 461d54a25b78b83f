import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Config, TrustPaths } from "@trust-cli/core/config";
import { type HostEntry, type SharedHost, sharedHostPlace, type TemplateWorkerEntry } from "@trust-cli/core/models";

const here = dirname(fileURLToPath(import.meta.url));

/** Where the installed program keeps what it ships: the same from the bundle and from source. */
const coreFolder = dirname(createRequire(import.meta.url).resolve("@trust-cli/core/package.json"));

/** The built-in model, an unpacked ModelKit. */
export const nanoFolder = join(coreFolder, "nano");

const secondsPerMinute = 60;

/** How to reach the model host that the settings ask for: the shared one, or one of this command's own. */
export function hostEntry(config: Config, paths: TrustPaths): HostEntry {
  const entry = privateHostEntry(config, paths);
  return config.host.shared ? { ...entry, shared: sharedHost(config, paths) } : entry;
}

/** How to start a model host of this command's own: the bundled one, or in a source tree the TypeScript itself. */
export function privateHostEntry(config: Config, paths: TrustPaths): HostEntry {
  const bundled = join(here, "host.js");
  const args = existsSync(bundled)
    ? [bundled]
    : ["--conditions=@trust-cli/source", join(coreFolder, "src", "models", "llama", "host", "main.ts")];
  return {
    command: process.execPath,
    args,
    backend: hostBackend(config),
    backendsDirectory: join(paths.data, "backends"),
    stateDirectory: join(paths.cache, "host"),
    client: clientName(),
  };
}

/** Where the shared model host of this person is met, whether it runs or not. */
export function sharedHost(config: Config, paths: TrustPaths): SharedHost {
  return {
    place: sharedHostPlace(process.env, paths.data, hostBackend(config)),
    idleSeconds: Math.ceil(config.host.idleMinutes * secondsPerMinute),
  };
}

export const hostBackend = ({ host }: Config): string =>
  host.backend ?? (process.platform === "darwin" && process.arch === "arm64" ? "metal" : "cpu");

/** The noun of the command line, never its other words: they may be a prompt. */
function clientName(): string {
  const [, , noun = ""] = process.argv;
  return `trust${/^[a-z]+$/.test(noun) ? ` ${noun}` : ""} (${process.pid})`;
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

/** The tasks that come with Trust, for `trust eval coding`. */
export const codingTasksFolder = join(here, "..", "..", "evals", "coding");

/** Names the folder that takes all records of a run which is not the person's own work. */
export const recordsVariable = "TRUST_RECORDS";

/** Where it is written down what was said, changed and read in the code: in the person's folders, or all in another. */
export function recordFolders(
  paths: TrustPaths,
  environment: NodeJS.ProcessEnv,
): Pick<TrustPaths, "data" | "state" | "cache"> {
  const moved = environment[recordsVariable];
  return moved !== undefined && isAbsolute(moved) ? { data: moved, state: moved, cache: moved } : paths;
}
