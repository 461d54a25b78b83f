import { renameSync } from "node:fs";
import { join } from "node:path";

import { ok, type Result } from "@trust-cli/core/protocol";
import type { HostedPlugin, PluginHost, PluginHostEntry } from "@trust-cli/plugins/host";
import { buildSync } from "esbuild";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const script = join(root, "packages", "plugins", "dist", "test-host.js");
const staging = `${script}.${process.pid}`;

/** The host as it is shipped: one file, which may read nothing but itself and the addon. */
buildSync({
  entryPoints: [join(root, "packages", "plugins", "src", "host", "main.ts")],
  outfile: staging,
  bundle: true,
  format: "esm",
  platform: "node",
  conditions: ["@trust-cli/source"],
  external: ["isolated-vm"],
});
renameSync(staging, script);

export const hostEntry: PluginHostEntry = {
  command: process.execPath,
  options: [],
  script,
  reads: [script, ...["isolated-vm", "node-gyp-build"].map((name) => join(root, "node_modules", name, "/"))],
};

/** A plugin with one tool, `run`, whose body this is; it sees `input` and `context`. */
export function pluginOf(id: string, body: string, limits: Partial<HostedPlugin> = {}): HostedPlugin {
  return {
    id,
    version: body,
    code: `import { definePlugin } from "@trust-cli/plugins/sdk";
definePlugin({ tools: [{ name: "run", run: async (input, context) => { ${body} } }] });`,
    memoryMB: 32,
    cpuMs: 200,
    ...limits,
  };
}

export interface CallOptions {
  input?: unknown;
  timeoutMs?: number;
  broker?: (method: string, args: readonly unknown[]) => Promise<Result<unknown>>;
  onLog?: (text: string) => void;
  signal?: AbortSignal;
  tool?: string;
}

export function call(host: PluginHost, plugin: HostedPlugin, options: CallOptions = {}): Promise<Result<unknown>> {
  const { input = {}, timeoutMs = 5000, broker, onLog, signal, tool = "run" } = options;
  return host.call(
    {
      plugin,
      tool,
      input,
      timeoutMs,
      broker: broker ?? ((method, args) => Promise.resolve(ok([method, ...args]))),
      onLog: onLog ?? (() => undefined),
    },
    signal ?? new AbortController().signal,
  );
}

/** What a call gave, in words: its value as JSON, or the message of its failure. */
export async function outcome(result: Promise<Result<unknown>>): Promise<string> {
  const settled = await result;
  return settled.ok ? JSON.stringify(settled.value) : settled.error.message;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
