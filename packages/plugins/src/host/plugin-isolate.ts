import ivm from "isolated-vm";

import type { HostOrder } from "./orders.ts";
import { preludeSource, sdkName, sdkSource } from "./prelude.ts";

export type PluginCode = Extract<HostOrder, { type: "load" }>;

export interface IsolateEvents {
  /** JSON text that the plugin sent; anything may be in it. */
  said(text: string): void;
  /** V8 has lost control of the isolate: the process must end. */
  lost(reason: string): void;
}

const million = 1_000_000n;

/** One plugin's isolate. Only JSON text goes in and out. */
export class PluginIsolate {
  readonly #isolate: ivm.Isolate;
  readonly #cpuMs: number;
  #dispatch: ivm.Reference<(text: string) => void> | undefined;
  #base = 0n;
  #processBase = process.cpuUsage();

  private constructor({ memoryMB, cpuMs }: PluginCode, events: IsolateEvents) {
    this.#cpuMs = cpuMs;
    this.#isolate = new ivm.Isolate({ memoryLimit: memoryMB, onCatastrophicError: (reason) => events.lost(reason) });
  }

  /** `onCreated` comes before any code of the plugin runs, so that the budget also covers its start. */
  static async start(
    code: PluginCode,
    events: IsolateEvents,
    onCreated: (isolate: PluginIsolate) => void,
  ): Promise<void> {
    const self = new PluginIsolate(code, events);
    onCreated(self);
    const context = await self.#isolate.createContext();
    const send = new ivm.Callback((text: unknown) => events.said(String(text)), { ignored: true });
    self.#dispatch = (await context.evalClosure(preludeSource, [send], {
      result: { reference: true },
    })) as ivm.Reference<(text: string) => void>;
    await self.#load(context, code);
  }

  async #load(context: ivm.Context, { code, cpuMs }: PluginCode): Promise<void> {
    const sdk = await this.#isolate.compileModule(sdkSource, { filename: "sdk.js" });
    await sdk.instantiate(context, refuseImport);
    await sdk.evaluate();
    const entry = await this.#isolate.compileModule(code, { filename: "plugin.js" });
    await entry.instantiate(context, (specifier) => (specifier === sdkName ? sdk : refuseImport(specifier)));
    await entry.evaluate({ timeout: longest(cpuMs) });
  }

  /** From now on the time counts for a new call. */
  startBudget(): void {
    this.#base = this.#isolate.isDisposed ? 0n : this.#isolate.cpuTime;
    this.#processBase = process.cpuUsage();
  }

  /**
   * Also true of work that a call left behind after its answer. An isolate's time runs on while others have the
   * processor, so what the whole process used must be too much as well.
   */
  get isOverBudget(): boolean {
    if (this.#isolate.isDisposed) return false;
    if ((this.#isolate.cpuTime - this.#base) / million <= BigInt(this.#cpuMs)) return false;
    const { user, system } = process.cpuUsage(this.#processBase);
    return (user + system) / 1000 > this.#cpuMs;
  }

  /** Ends when the isolate has nothing more to do with the text. */
  async dispatch(text: string): Promise<void> {
    if (this.#dispatch === undefined) throw new Error("the plugin was not loaded");
    await this.#dispatch.apply(undefined, [text], { timeout: longest(this.#cpuMs) });
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }
}

/**
 * The isolate's own limit counts the time of the clock, and only until the first await. The watchdog over CPU time is
 * the one that is exact; this one is there when our own thread is held up.
 */
const longest = (cpuMs: number): number => 1000 + 4 * cpuMs;

function refuseImport(specifier: string): never {
  throw new Error(`a plugin can import only ${sdkName}, not ${JSON.stringify(specifier).slice(0, 100)}`);
}
