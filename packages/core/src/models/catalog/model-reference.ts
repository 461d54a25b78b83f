import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import { isLoopbackHost } from "../../protocol/loopback.ts";
import { ollamaUrl } from "./ollama-host.ts";

/** What `-m` may name: the built-in model, a GGUF file, a model of Ollama, an OpenAI-compatible server, or a ModelKit. */
export type ModelReference =
  | { kind: "nano"; id: "nano" }
  | { kind: "file"; id: string; path: string; sizeBytes: number }
  | { kind: "server"; id: string; url: URL; model?: string }
  /** Elsewhere only when the person wrote its address. */
  | { kind: "ollama"; id: string; url: URL; model: string }
  | { kind: "kit"; id: string; reference: string };

/** Where a reference is read: a relative path counts from `cwd`, and OLLAMA_HOST may move Ollama. */
export interface ReferencePlace {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a reference as the person wrote it. Throws MODEL_MISSING when there is no such file and USAGE when it is
 * nothing that `-m` may name. Connects to nothing.
 */
export async function resolveModelReference(
  text: string,
  { cwd, environment }: ReferencePlace,
): Promise<ModelReference> {
  if (text === "nano") return { kind: "nano", id: "nano" };
  if (/^https?:\/\//i.test(text)) return serverReference(text);
  // Ollama's own users write ollama:NAME.
  if (/^ollama[/:]/.test(text)) return ollamaReference(`ollama/${text.slice("ollama/".length)}`, environment);
  if (/^ollama\+https?:\/\//i.test(text)) return namedOllama(text);
  if (text.startsWith("kit://")) return { kind: "kit", id: text, reference: text.slice("kit://".length) };
  return fileReference(text, expandHome(text, cwd));
}

const hint = "trust -m nano, trust -m PATH.gguf, trust -m ollama/NAME, or trust -m http://127.0.0.1:8080/v1";

/** `http://HOST:PORT/v1`, perhaps with `#MODEL` behind it. */
function serverReference(text: string): ModelReference {
  const url = parseUrl(text);
  if (url.hash === "") return { kind: "server", id: text, url };
  try {
    return { kind: "server", id: text, url, model: decodeURIComponent(url.hash.slice(1)) };
  } catch (cause) {
    throw new TrustError("USAGE", `the name after # in ${text} is not written as in a URL`, { hint, cause });
  }
}

function ollamaReference(text: string, environment: ReferencePlace["environment"]): ModelReference {
  const model = ollamaName(text.slice("ollama/".length), text);
  const url = ollamaUrl(environment);
  if (!isLoopbackHost(url.hostname)) {
    const message = `OLLAMA_HOST names ${url.host}, which is not this machine, so text would leave it`;
    throw new TrustError("REFUSED", message, { hint: `name it yourself: trust -m ollama+${url.origin}/${model}` });
  }
  return { kind: "ollama", id: text, url, model };
}

/** `ollama+http://HOST:PORT/NAME`. */
function namedOllama(text: string): ModelReference {
  const url = parseUrl(text.slice("ollama+".length));
  const model = ollamaName(`${url.pathname}${url.search}`.slice(1), text);
  return { kind: "ollama", id: text, url: new URL("/", url), model };
}

/** A name as Ollama writes it: `qwen3`, `qwen3:8b`, `hf.co/owner/model:Q4_K_M`. */
function ollamaName(name: string, text: string): string {
  if (isOllamaName(name)) return name;
  throw new TrustError("USAGE", `${text} names no model of Ollama`, {
    hint: "trust -m ollama/NAME or ollama/NAME:TAG; ollama list shows the names",
  });
}

export const isOllamaName = (name: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)*(:[\w.-]+)?$/.test(name) && name.length <= 256;

async function fileReference(text: string, path: string): Promise<ModelReference> {
  try {
    const found = await stat(path);
    if (found.isFile()) return { kind: "file", id: text, path, sizeBytes: found.size };
    throw new TrustError("MODEL_INVALID", `${text} is not a file, so it is not a GGUF model`, { hint });
  } catch (error) {
    if (error instanceof TrustError) throw error;
    throw new TrustError("MODEL_MISSING", `there is no model at ${text}`, { hint, cause: error });
  }
}

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
