import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openTerminal } from "@trust-cli/core/testing";
import { type HostedPlugin, PluginHost, type PluginHostEntry } from "@trust-cli/plugins/host";
import { manifestFile } from "@trust-cli/plugins/manifest";
import { PluginRegistry, readBundle } from "@trust-cli/plugins/registry";

import { alternate, type Benchmark, type Measurement, median, timeProgram } from "./benchmark.ts";
import { scratchHome, trustProgram } from "./scratch.ts";

const root = join(import.meta.dirname, "..", "..");
const script = join(root, "packages", "cli", "dist", "bundle", "plugin-host.js");

const entry: PluginHostEntry = {
  command: process.execPath,
  options: [],
  script,
  reads: [script, ...["isolated-vm", "node-gyp-build"].map((name) => join(root, "node_modules", name, "/"))],
};

const code = `import { definePlugin } from "@trust-cli/plugins/sdk";
definePlugin({ tools: [{ name: "run", run: (input) => input }] });`;
const echo: HostedPlugin = { id: "echo", version: "1", code, memoryMB: 64, cpuMs: 2000 };

async function timeCall(host: PluginHost): Promise<number> {
  const began = performance.now();
  const call = { plugin: echo, tool: "run", input: { number: 1 }, timeoutMs: 10_000, onLog: () => undefined };
  const broker = (): Promise<{ ok: true; value: null }> => Promise.resolve({ ok: true, value: null });
  const result = await host.call({ ...call, broker }, new AbortController().signal);
  if (!result.ok) throw result.error;
  return performance.now() - began;
}

const openHost = (): PluginHost => new PluginHost({ entry, onCrash: () => undefined });

const bus: Benchmark = {
  name: "plugin",
  async run() {
    const { ours: first, theirs } = await alternate(
      9,
      async () => {
        await using host = openHost();
        return await timeCall(host);
      },
      () => timeProgram(["-e", "0"], {}),
    );
    await using host = openHost();
    const calls: number[] = [];
    for (let round = 0; round < 3000; round++) calls.push(await timeCall(host));
    const against = { name: "node -e 0", value: theirs };
    return [
      { name: "plugin host: start to first answer", value: first, unit: "ms", against, goal: 150 },
      { name: "plugin tool call", value: median(calls), unit: "ms", against: undefined, goal: 0.3 },
    ];
  },
};

/** Ten plugins with two tools each, installed and approved. */
async function installTen(home: { env: Record<string, string>; folder: string }): Promise<void> {
  const registry = new PluginRegistry(join(home.env["TRUST_HOME"] ?? "", "data", "plugins"));
  for (let number = 0; number < 10; number++) {
    const folder = join(home.folder, "..", `plugin-${number}`);
    mkdirSync(folder);
    const tools = ["a", "b"].map((letter) => ({
      name: `tool_${number}_${letter}`,
      description: "Do something that takes two arguments",
      inputSchema: { type: "object", properties: { path: { type: "string" }, count: { type: "integer" } } },
    }));
    const manifest = {
      manifestVersion: 1,
      id: `plugin-${number}`,
      version: "1.0.0",
      license: "MIT",
      engine: { sdk: 1 },
      runtime: "isolate",
      entry: "index.js",
      contributes: { tools },
    };
    writeFileSync(join(folder, manifestFile), JSON.stringify(manifest));
    writeFileSync(join(folder, "index.js"), code);
    const bundle = await readBundle(folder);
    if (!bundle.ok) throw bundle.error;
    const plugin = await registry.install(bundle.value);
    if (!plugin.ok) throw plugin.error;
    await registry.approve(bundle.value);
  }
}

async function timePrompt({ env, folder }: { env: Record<string, string>; folder: string }): Promise<number> {
  const began = performance.now();
  using chat = openTerminal(process.execPath, [trustProgram], { cwd: folder, env, columns: 120, rows: 40 });
  await chat.waitFor("ask about this code");
  return performance.now() - began;
}

/** The goal is a tenth more than without plugins. */
const start: Benchmark = {
  name: "plugin-start",
  async run() {
    using none = scratchHome();
    using ten = scratchHome();
    await installTen(ten);
    const list = ({ env, folder }: typeof none): Promise<number> =>
      timeProgram([trustProgram, "tools", "list"], env, folder);
    await list(ten);
    const listed = await alternate(
      15,
      () => list(ten),
      () => list(none),
    );
    const shown = await alternate(
      7,
      () => timePrompt(ten),
      () => timePrompt(none),
    );
    const measured = (name: string, { ours, theirs }: typeof listed): Measurement => {
      const against = { name: "no plugins", value: theirs };
      return { name, value: ours, unit: "ms", against, goal: Math.round(theirs * 1.1) };
    };
    return [measured("trust tools list, 10 plugins", listed), measured("prompt visible, 10 plugins", shown)];
  },
};

export const pluginBenchmarks: readonly Benchmark[] = [bus, start];
