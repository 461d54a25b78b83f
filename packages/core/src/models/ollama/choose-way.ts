import { isAbsolute } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import { readGgufHeader } from "../gguf/index.ts";
import { type FormatCache, openChatTemplate, TemplateEngine, type TemplateWorkerEntry } from "../templates/index.ts";
import { callsNatively } from "./loaded-model.ts";
import { nativeWay, plainWay, rawWay, type Way } from "./way.ts";
import type { ShownModel } from "./wire.ts";

/** How to run chat templates, and where what is known of them is kept. */
export interface TemplateSettings {
  entry: TemplateWorkerEntry;
  cache?: FormatCache;
}

interface OwnTemplate {
  template: string;
  specialTokens: readonly string[];
  bosToken: string;
  eosToken: string;
}

/** Finds the way in which a model of Ollama can call tools. */
export class WayFinder implements AsyncDisposable {
  readonly #settings: TemplateSettings | undefined;
  readonly #nextCallId: () => string;
  #engine: TemplateEngine | undefined;

  constructor(settings: TemplateSettings | undefined, nextCallId: () => string) {
    this.#settings = settings;
    this.#nextCallId = nextCallId;
  }

  /** `isLocal`: the server's own files may be readable here. */
  async find(shown: ShownModel, isLocal: boolean, signal: AbortSignal): Promise<Way> {
    if (callsNatively(shown)) return nativeWay(this.#nextCallId);
    const own = this.#settings === undefined ? undefined : ownTemplate(shown, isLocal);
    if (own === undefined || this.#settings === undefined) return plainWay(this.#nextCallId);
    const { entry, cache } = this.#settings;
    const engine = (this.#engine ??= new TemplateEngine({ entry }));
    const options = { engine, nextCallId: this.#nextCallId, ...(cache === undefined ? {} : { cache }) };
    try {
      return rawWay(await openChatTemplate(own, options, signal), own.bosToken);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      return plainWay(this.#nextCallId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
  }
}

/** Ollama keeps a model's chat template to itself: it is read from the file that its Modelfile names. */
function ownTemplate({ model_info: info, modelfile }: ShownModel, isLocal: boolean): OwnTemplate | undefined {
  const told = info?.["tokenizer.chat_template"];
  if (typeof told === "string") return { template: told, specialTokens: [], bosToken: "", eosToken: "" };
  const path = isLocal ? /^FROM (.+)$/m.exec(modelfile ?? "")?.[1]?.trim() : undefined;
  return path !== undefined && isAbsolute(path) ? templateIn(path) : undefined;
}

function templateIn(path: string): OwnTemplate | undefined {
  const header = readGgufHeader(path);
  if (!header.ok || header.value.chatTemplate === undefined) return undefined;
  const { chatTemplate, specialTokens, bosToken = "", eosToken = "" } = header.value;
  return { template: chatTemplate, specialTokens, bosToken, eosToken };
}
