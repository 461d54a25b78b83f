import { TrustError } from "../../protocol/errors.ts";
import type { HostModel } from "../../protocol/host.ts";
import {
  type ChatTemplate,
  type FormatCache,
  type NativeRender,
  openChatTemplate,
  TemplateEngine,
  type TemplateWorkerEntry,
} from "../templates/index.ts";
import { renderOver } from "./native-renderer.ts";
import type { HostSupervisor } from "./supervisor.ts";

/** How to run chat templates, and where what is known of them is kept. */
export interface TemplateSettings {
  entry: TemplateWorkerEntry;
  cache?: FormatCache;
}

/** The chat template of the model in a host: analysed once, and made plainer when the model fails with it. */
export class LlamaTemplate implements AsyncDisposable {
  readonly #engine: TemplateEngine;
  readonly #options: TemplateSettings;
  #opened: Promise<ChatTemplate> | undefined;
  #current: ChatTemplate | undefined;

  constructor(supervisor: HostSupervisor, options: TemplateSettings) {
    this.#options = options;
    this.#engine = new TemplateEngine({ entry: options.entry, native: renderInHost(supervisor) });
    this.#engine.start();
  }

  async open(model: HostModel, signal: AbortSignal): Promise<ChatTemplate> {
    if (this.#current !== undefined) return this.#current;
    const opening = (this.#opened ??= this.#open(model, signal));
    try {
      this.#current = await opening;
      return this.#current;
    } catch (error) {
      if (this.#opened === opening) this.#opened = undefined;
      throw error;
    }
  }

  /** From the family's own way of writing calls to plain tags. */
  downgrade(): { from: string; to: string } | undefined {
    const plainer = this.#current?.plainer();
    if (plainer === undefined) return undefined;
    this.#current = plainer;
    return { from: "its family's own syntax", to: "plain tags" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine[Symbol.asyncDispose]();
  }

  #open(
    { chatTemplate, specialTokens, bosToken, eosToken, name }: HostModel,
    signal: AbortSignal,
  ): Promise<ChatTemplate> {
    if (chatTemplate === undefined) {
      throw new TrustError("MODEL_INVALID", `${name} has no chat template, so it cannot hold a conversation`, {
        hint: "choose an instruct or chat version of this model",
      });
    }
    const context = { template: chatTemplate, specialTokens, bosToken, eosToken };
    const { cache } = this.#options;
    return openChatTemplate(context, { engine: this.#engine, ...(cache === undefined ? {} : { cache }) }, signal);
  }
}

/** llama.cpp's own Jinja engine, in the host that has the model. */
function renderInHost(supervisor: HostSupervisor): NativeRender {
  return async (template, values, signal) =>
    renderOver((await supervisor.ready()).connection, template, values, signal);
}
