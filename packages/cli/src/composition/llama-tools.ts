import { join } from "node:path";

import type { TrustPaths } from "@trust-cli/core/config";
import type { LlamaToolPlace } from "@trust-cli/core/models/quantize";

import { bindingsFolder, bindingsVersion } from "./backends.ts";

/** Where llama.cpp's own programs are for this person: of the version that runs the models. */
export function llamaToolPlace({ cache }: TrustPaths, environment: NodeJS.ProcessEnv): LlamaToolPlace {
  const given = environment["TRUST_LLAMA_TOOLS"];
  return { given: given === "" ? undefined : given, built: join(cache, "llama-tools", bindingsVersion()) };
}

/** llama.cpp's source, as it comes with the library that runs the models. */
export const llamaBundle = (): string => join(bindingsFolder(), "llama", "gitRelease.bundle");
