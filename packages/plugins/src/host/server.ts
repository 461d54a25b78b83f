import type { HostReport } from "./messages.ts";
import { type HostOrder, messageLimit } from "./orders.ts";
import { type PluginCode, PluginIsolate } from "./plugin-isolate.ts";

interface Slot {
  code: PluginCode;
  isolate: PluginIsolate | undefined;
  /** The isolate's start, which calls wait for. */
  ready: Promise<void> | undefined;
  /** The call that runs; there is one at a time for a plugin. */
  call: number | undefined;
  /** The least memory that the process took since the call began, in bytes. */
  leastMemory: number;
}

type Delivery = Extract<HostOrder, { type: "call" | "reply" }>;

const memoryCap = 512 * 1024 * 1024;
/** From here on, isolates that rest are let go: what they hold counts against those that work. */
const memoryComfort = memoryCap / 2;

/** Runs plugins for the process that started this one. Knows nothing of what they say. */
export class PluginHostServer {
  readonly #slots = new Map<string, Slot>();
  readonly #report: (report: HostReport) => void;
  readonly #die: () => void;
  readonly #leave: () => void;

  /** `die` is for when V8 is beyond control, `leave` for when it is not. */
  constructor(report: (report: HostReport) => void, { die, leave }: { die: () => void; leave: () => void }) {
    this.#report = report;
    this.#die = die;
    this.#leave = leave;
  }

  handle(order: HostOrder): void {
    if (order.type === "load") {
      this.#slots.get(order.plugin)?.isolate?.dispose();
      this.#slots.set(order.plugin, {
        code: order,
        isolate: undefined,
        ready: undefined,
        call: undefined,
        leastMemory: Infinity,
      });
      return;
    }
    const slot = this.#slots.get(order.plugin);
    if (slot === undefined) return;
    if (order.type === "end") this.#end(slot, order);
    else void this.#deliver(slot, order);
  }

  /** To be called often: stops what uses more CPU time than its plugin may. */
  checkBudgets(): void {
    for (const slot of this.#slots.values()) {
      if (slot.isolate?.isOverBudget !== true) continue;
      this.#fail(slot, `it used more than its ${slot.code.cpuMs} ms of computing time`);
    }
  }

  /** To be called often, with the bytes that the process takes. */
  checkMemory(bytes: number): void {
    const working = [...this.#slots.values()].filter((slot) => slot.call !== undefined);
    for (const slot of working) slot.leastMemory = Math.min(slot.leastMemory, bytes);
    if (bytes >= memoryCap) {
      const plugin = this.#greedyOne(working, bytes);
      this.#report({ type: "dying", plugin, reason: "used more than 512 MB of memory" });
      this.#leave();
    } else if (bytes >= memoryComfort) {
      for (const slot of this.#slots.values()) if (slot.call === undefined) this.#discard(slot);
    }
  }

  /** Only who worked alone, and took more than its own limit meanwhile, is to blame. */
  #greedyOne([only, ...others]: readonly Slot[], bytes: number): string | undefined {
    if (only === undefined || others.length > 0) return undefined;
    const taken = bytes - only.leastMemory;
    return taken > only.code.memoryMB * 1024 * 1024 ? only.code.plugin : undefined;
  }

  async #deliver(slot: Slot, order: Delivery): Promise<void> {
    if (order.type === "call") {
      slot.call = order.call;
      slot.leastMemory = Infinity;
      slot.isolate?.startBudget();
    } else if (slot.call !== order.call) {
      return;
    }
    try {
      await this.#dispatch(slot, order).catch((error: unknown) => {
        if (order.type !== "call" || slot.call !== order.call || !isDisposed(error)) throw error;
        // Work left behind by an earlier call ended the isolate while this one waited for it.
        this.#discard(slot);
        return this.#dispatch(slot, order);
      });
    } catch (error) {
      if (slot.call === order.call) this.#fail(slot, explain(error, slot.code));
    }
  }

  async #dispatch(slot: Slot, order: Delivery): Promise<void> {
    slot.ready ??= this.#start(slot);
    await slot.ready;
    const { plugin: _, ...message } = order;
    await slot.isolate?.dispatch(JSON.stringify(message));
  }

  #start(slot: Slot): Promise<void> {
    const { plugin } = slot.code;
    const events = {
      said: (text: string) => this.#said(slot, text),
      lost: (reason: string) => {
        this.#report({ type: "dying", plugin, reason: `was lost: ${reason}` });
        this.#die();
      },
    };
    return PluginIsolate.start(slot.code, events, (isolate) => {
      slot.isolate = isolate;
    });
  }

  #said(slot: Slot, text: string): void {
    if (slot.call === undefined) return;
    if (text.length > messageLimit) this.#fail(slot, "it sent more than 1 MiB in one message");
    else this.#report({ type: "said", plugin: slot.code.plugin, text });
  }

  #end(slot: Slot, { plugin, call, discard }: Extract<HostOrder, { type: "end" }>): void {
    if (slot.call === call) slot.call = undefined;
    if (!discard) return slot.isolate?.startBudget();
    this.#discard(slot);
    this.#report({ type: "ended", plugin, call });
  }

  #fail(slot: Slot, message: string): void {
    this.#discard(slot);
    if (slot.call === undefined) return;
    this.#report({ type: "failed", plugin: slot.code.plugin, call: slot.call, message });
    slot.call = undefined;
  }

  #discard(slot: Slot): void {
    slot.isolate?.dispose();
    slot.isolate = undefined;
    slot.ready = undefined;
  }
}

const isDisposed = (error: unknown): boolean => error instanceof Error && error.message === "Isolate is disposed";

function explain(error: unknown, { cpuMs, memoryMB }: PluginCode): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/timed out/.test(message)) return `it used more than its ${cpuMs} ms of computing time`;
  if (/memory limit/.test(message)) return `it used more than its ${memoryMB} MB of memory`;
  return message.slice(0, 1000);
}
