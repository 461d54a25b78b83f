import { join } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import { binaryIn, builtTool } from "./tool-build.ts";
import type { LlamaTool } from "./tool-names.ts";

/** Where llama.cpp's own programs may be: where the person says (TRUST_LLAMA_TOOLS), else where they are built. */
export interface LlamaToolPlace {
  given: string | undefined;
  built: string;
}

/** The path of one of llama.cpp's programs; undefined when it is not there, or its build has not ended. */
export function findLlamaTool(tool: LlamaTool, { given, built }: LlamaToolPlace): string | undefined {
  if (given !== undefined) return binaryIn([given, join(given, "bin")], tool);
  return builtTool(built, tool);
}

/** As `findLlamaTool`, but throws PROGRAM_MISSING with the command that builds it. */
export function requireLlamaTool(tool: LlamaTool, place: LlamaToolPlace): string {
  const found = findLlamaTool(tool, place);
  if (found !== undefined) return found;
  if (place.given !== undefined) {
    throw new TrustError("PROGRAM_MISSING", `TRUST_LLAMA_TOOLS names ${place.given}, but there is no ${tool} in it`, {
      hint: "unset TRUST_LLAMA_TOOLS and run: trust host tools build",
    });
  }
  throw new TrustError("PROGRAM_MISSING", `${tool}, a program of llama.cpp, is not built on this machine`, {
    hint: "trust host tools build",
  });
}
