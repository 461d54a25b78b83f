import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

import { TrustError } from "../../protocol/errors.ts";

/** What `-m` may name: the built-in model, a GGUF file, or an OpenAI-compatible server. */
export type ModelReference =
  | { kind: "nano"; id: "nano" }
  | { kind: "file"; id: string; path: string; sizeBytes: number }
  | { kind: "server"; id: string; url: URL };

/**
 * Reads a reference as the person wrote it; a relative path counts from `cwd`.
 * Throws MODEL_MISSING when there is no such file and USAGE when it is neither path, `nano` nor URL.
 */
export async function resolveModelReference(text: string, cwd: string): Promise<ModelReference> {
  if (text === "nano") return { kind: "nano", id: "nano" };
  if (/^https?:\/\//i.test(text)) return { kind: "server", id: text, url: parseUrl(text) };
  const path = expandHome(text, cwd);
  try {
    const found = await stat(path);
    if (found.isFile()) return { kind: "file", id: text, path, sizeBytes: found.size };
    throw new TrustError("MODEL_INVALID", `${text} is not a file, so it is not a GGUF model`, { hint });
  } catch (error) {
    if (error instanceof TrustError) throw error;
    throw new TrustError("MODEL_MISSING", `there is no model at ${text}`, { hint, cause: error });
  }
}

const hint = "trust -m nano, trust -m PATH.gguf, or trust -m http://127.0.0.1:8080/v1";

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new TrustError("USAGE", `${text} is not a URL`, { hint, cause });
  }
}

function expandHome(text: string, cwd: string): string {
  if (text.startsWith("~/")) return join(homedir(), text.slice(2));
  return isAbsolute(text) ? text : resolve(cwd, text);
}
