import { homedir } from "node:os";
import { join } from "node:path";

/** Where llama.cpp's own programs are for tests and benchmarks; `npm run interop:setup` builds them. */
export const realLlamaTools = (): { given: string | undefined; built: string } => ({
  given: process.env["TRUST_LLAMA_TOOLS"],
  built: join(process.env["TRUST_INTEROP_CACHE"] ?? join(homedir(), ".cache", "trust-interop"), "llama-server"),
});
