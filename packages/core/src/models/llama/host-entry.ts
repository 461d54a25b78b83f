import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

import type { SharedHostPlace } from "./shared-host-place.ts";

/**
 * How to start a model host: `command` with `args`, in an environment of its own. With `shared` one host serves all
 * processes of the person and outlives them; without it the host is a child and ends with its parent.
 */
export interface HostEntry {
  command: string;
  args: readonly string[];
  /** What llama.cpp computes on. */
  backend?: string;
  /** Where the binaries of backends are that were fetched on consent. */
  backendsDirectory?: string;
  /** Where the host keeps states of models and what it measured; without it nowhere. */
  stateDirectory?: string;
  /** How this process is named to the host. */
  client?: string;
  shared?: SharedHost;
}

/** `idleSeconds`: how long it stays without clients and work. */
export interface SharedHost {
  place: SharedHostPlace;
  idleSeconds: number;
}

/** node-llama-cpp's libraries take settings from these, such as an empty CI, which throws. */
const foreignSetting = /^(CI|(npm_config_)?node_llama_cpp_.*)$/i;

export function hostEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !foreignSetting.test(name));
  // Decoding hops between libuv's threads otherwise, at half the speed.
  const environment = { ...Object.fromEntries(own), UV_THREADPOOL_SIZE: "1" };
  // The program's own cache of compiled code, in a folder of this version of Node.
  const cache = getCompileCacheDir();
  return cache === undefined ? environment : { ...environment, NODE_COMPILE_CACHE: dirname(cache) };
}

/** The words after `command`. */
export function hostArguments({ args, shared, ...entry }: HostEntry): string[] {
  const options: [name: string, value: string | undefined][] = [
    ["--backend", entry.backend],
    ["--backends", entry.backendsDirectory],
    ["--state", entry.stateDirectory],
    ["--socket", shared?.place.socket],
    ["--log", shared?.place.log],
    ["--idle-seconds", shared === undefined ? undefined : String(shared.idleSeconds)],
  ];
  return [...args, ...options.flatMap(([name, value]) => (value === undefined ? [] : [name, value]))];
}
