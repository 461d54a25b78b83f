import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";

import { PluginCallRun } from "./call-run.ts";
import { type Blame, PluginHostConnection, type PluginHostEntry } from "./connection.ts";
import type { HostCall, HostedPlugin } from "./host-call.ts";
import type { HostReport } from "./messages.ts";
import { plainWords } from "./plugin-text.ts";

export interface PluginHostOptions {
  entry: PluginHostEntry;
  /** A plugin that took the whole process down. */
  onCrash(plugin: string): void;
  idleMilliseconds?: number;
}

/**
 * Calls plugins in the plugin host: a process that starts at the first call, again after a crash, and leaves after a
 * minute without one. Calls of one plugin run one after another, those of different plugins side by side.
 */
export class PluginHost implements AsyncDisposable {
  readonly #options: PluginHostOptions;
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #running = new Map<string, PluginCallRun>();
  /** They ran when the process died, and who did it is not known: their next calls run one at a time. */
  readonly #suspects = new Set<string>();
  readonly #loaded = new Map<string, string>();
  #connection: PluginHostConnection | undefined;
  #idle: NodeJS.Timeout | undefined;
  #calls = 0;

  constructor(options: PluginHostOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#connection?.isUsable === true ? this.#connection.pid : undefined;
  }

  /** Fails with PLUGIN_FAILED or INTERRUPTED. Never throws for anything that the plugin does. */
  call(call: HostCall, signal: AbortSignal): Promise<Result<unknown>> {
    const queue = this.#suspects.size > 0 ? "suspects, one at a time" : call.plugin.id;
    const before = this.#queues.get(queue) ?? Promise.resolve();
    const result = before.then(() => this.#run(call, signal));
    const settled = result.then(() => undefined);
    this.#queues.set(queue, settled);
    void settled.then(() => {
      if (this.#queues.get(queue) === settled) this.#queues.delete(queue);
    });
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    this.#connection?.close();
    await Promise.all(this.#queues.values());
  }

  async #run(call: HostCall, signal: AbortSignal): Promise<Result<unknown>> {
    if (signal.aborted) return failure(new TrustError("INTERRUPTED", "interrupted by the person"));
    const { id } = call.plugin;
    const connection = this.#connect();
    this.#load(connection, call.plugin);
    const run = new PluginCallRun({ ...call, number: ++this.#calls, connection });
    this.#running.set(id, run);
    clearTimeout(this.#idle);
    connection.hold(true);
    try {
      const result = await run.result(signal);
      if (!run.isCrashed) this.#suspects.delete(id);
      return result.ok ? ok(result.value) : failure(inWords(id, result.error));
    } finally {
      this.#running.delete(id);
      if (this.#running.size === 0) this.#rest();
    }
  }

  #connect(): PluginHostConnection {
    if (this.#connection?.isUsable === true) return this.#connection;
    this.#loaded.clear();
    const connection: PluginHostConnection = new PluginHostConnection(this.#options.entry, {
      report: (report) => this.#receive(report, connection),
      gone: (reason, blame) => this.#gone(connection, reason, blame),
    });
    this.#connection = connection;
    return connection;
  }

  #load(connection: PluginHostConnection, { id, version, code, memoryMB, cpuMs }: HostedPlugin): void {
    if (this.#loaded.get(id) === version) return;
    this.#loaded.set(id, version);
    connection.send({ type: "load", plugin: id, code, memoryMB, cpuMs });
  }

  #receive(report: HostReport, connection: PluginHostConnection): void {
    if (!("plugin" in report) || report.type === "dying") return;
    const run = this.#running.get(report.plugin);
    if (run?.connection === connection) run.receive(report);
  }

  #gone(connection: PluginHostConnection, reason: string, blame: Blame): void {
    const lost = [...this.#running].filter(([, run]) => run.connection === connection);
    const isCrash = connection.isReady && !connection.isClosed;
    const culprit = isCrash
      ? culpritOf(
          blame,
          lost.map(([id]) => id),
        )
      : undefined;
    if (culprit !== undefined) {
      this.#suspects.delete(culprit);
      this.#options.onCrash(culprit);
    } else if (isCrash) {
      for (const [id] of lost) this.#suspects.add(id);
    }
    for (const [id, run] of lost) run.crash(connection.isReady ? crashed(id === culprit, reason) : notStarted(reason));
  }

  #rest(): void {
    this.#connection?.hold(false);
    const idle = this.#options.idleMilliseconds ?? 60_000;
    this.#idle = setTimeout(() => this.#connection?.close(), idle);
    this.#idle.unref();
  }
}

function culpritOf(blame: Blame, [only, ...others]: readonly string[]): string | undefined {
  if (typeof blame === "object") return blame.plugin;
  return blame === "unsaid" && others.length === 0 ? only : undefined;
}

function crashed(isCulprit: boolean, reason: string): TrustError {
  const what = isCulprit ? "it crashed the plugin host" : "the plugin host ended while it ran";
  const hint = isCulprit ? undefined : "Call it again";
  return new TrustError("PLUGIN_FAILED", `${what}: the process ${reason}`, { hint });
}

const notStarted = (reason: string): TrustError =>
  new TrustError("PROGRAM_MISSING", `the plugin host did not start: it ${reason}`, { hint: "trust doctor" });

function inWords(id: string, error: TrustError): TrustError {
  if (error.code === "INTERRUPTED") return error;
  return new TrustError(error.code, `the plugin ${id} failed: ${plainWords(error.message)}`, { hint: error.hint });
}
