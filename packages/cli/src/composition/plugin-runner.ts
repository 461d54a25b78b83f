import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";
import type { Workspace } from "@trust-cli/core/workspace";
import { createBroker } from "@trust-cli/plugins/broker";
import { type HostedPlugin, PluginHost } from "@trust-cli/plugins/host";
import type { PluginManifest } from "@trust-cli/plugins/manifest";
import { strikesUntilDisabled } from "@trust-cli/plugins/registry";

import { pluginHostEntry } from "./plugin-files.ts";

export interface RunnablePlugin {
  manifest: PluginManifest;
  /** What crashes are counted under. */
  strikeKey: string;
  storageFolder: string;
  /** Read at the first call; refused when it is not what was approved. */
  code: () => Promise<Result<string>>;
}

export interface RunnerAccess {
  workspace: Workspace;
  mayRead: (path: string) => boolean;
  /** Counts a crash and gives the new count. */
  strike: (key: string) => Promise<Result<number>>;
}

export interface PluginToolCall {
  /** Undefined asks the code for the names of its tools. */
  tool: { name: string; timeoutMs: number } | undefined;
  input: unknown;
  signal: AbortSignal;
  onLog: (text: string) => void;
}

const describeMilliseconds = 10_000;

/** Calls plugins in one plugin host, each with a broker for what its manifest grants. */
export class PluginRunner implements AsyncDisposable {
  readonly #access: RunnerAccess;
  readonly #host: PluginHost;
  readonly #hosted = new Map<string, HostedPlugin>();
  readonly #keys = new Map<string, string>();
  readonly #disabled = new Set<string>();
  /** The crashes that are being written down; the call that crashed waits for them. */
  #counting: Promise<void> = Promise.resolve();

  constructor(access: RunnerAccess) {
    this.#access = access;
    this.#host = new PluginHost({
      entry: pluginHostEntry(),
      onCrash: (id) => {
        this.#counting = this.#counting.then(() => this.#count(id));
      },
    });
  }

  async call(plugin: RunnablePlugin, { tool, input, signal, onLog }: PluginToolCall): Promise<Result<unknown>> {
    const { id } = plugin.manifest;
    if (this.#disabled.has(id)) return failure(disabled(id));
    const hosted = await this.#hostedOf(plugin);
    if (!hosted.ok) return hosted;
    const { workspace, mayRead } = this.#access;
    const { storageFolder } = plugin;
    const result = await this.#host.call(
      {
        plugin: hosted.value,
        tool: tool?.name,
        input,
        timeoutMs: tool?.timeoutMs ?? describeMilliseconds,
        broker: createBroker(plugin.manifest.permissions, { workspace, mayRead, storageFolder }),
        onLog,
      },
      signal,
    );
    if (!result.ok) await this.#counting;
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
    await this.#counting;
  }

  async #hostedOf({ manifest, strikeKey, code }: RunnablePlugin): Promise<Result<HostedPlugin>> {
    const { id, limits } = manifest;
    this.#keys.set(id, strikeKey);
    const before = this.#hosted.get(id);
    if (before?.version === strikeKey) return ok(before);
    const read = await code();
    if (!read.ok) return read;
    const { memoryMB, cpuMsPerCall: cpuMs } = limits;
    const hosted = { id, version: strikeKey, code: read.value, memoryMB, cpuMs };
    this.#hosted.set(id, hosted);
    return ok(hosted);
  }

  /** A count that cannot be written down still holds for this process. */
  async #count(id: string): Promise<void> {
    const count = await this.#access.strike(this.#keys.get(id) ?? id);
    if (!count.ok || count.value >= strikesUntilDisabled) this.#disabled.add(id);
  }
}

function disabled(id: string): TrustError {
  return new TrustError(
    "REFUSED",
    `the plugin ${id} is off: it crashed the plugin host ${strikesUntilDisabled} times`,
    {
      hint: `trust plugin approve ${id}`,
    },
  );
}
