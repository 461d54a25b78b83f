import { existsSync, statSync } from "node:fs";
import { watch } from "node:fs/promises";
import { join, resolve } from "node:path";

import { checkValue, exitStatus, isAbort, parseUnknownJson, type Result, TrustError } from "@trust-cli/core/protocol";
import { inputCheck } from "@trust-cli/plugins/manifest";
import { noPluginFolder, type PluginBundle, readBundle } from "@trust-cli/plugins/registry";
import * as z from "zod";

import { type App, createApp } from "../../composition/app.ts";
import { PluginRunner, type RunnablePlugin } from "../../composition/plugin-runner.ts";
import { mayReadBy } from "../../composition/plugins.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";

export type DevOptions = SharedOptions & { call?: string[]; watch?: boolean };

const settleMilliseconds = 150;
const lookMilliseconds = 500;

/** The plugin runs as an installed one does, with what its manifest grants; nothing is installed or approved. */
export async function developPlugin(folder: string, options: DevOptions): Promise<number> {
  const app = await createApp(options, false);
  const path = resolve(folder);
  if (options.watch === true && options.json === true) {
    throw new TrustError("USAGE", "--watch gives a result after every change, --json just one", {
      hint: "leave one of them out",
    });
  }
  checkFolder(path);
  using interrupt = interruptSignal();
  let status = await runOnce(app, path, options, interrupt.signal);
  if (options.watch !== true) return status;
  using folderGone = signalWhenGone(path);
  for await (const _ of changes(path, AbortSignal.any([interrupt.signal, folderGone.signal]))) {
    checkFolder(path);
    writeNotice("\n— changed —");
    status = await runOnce(app, path, options, interrupt.signal);
  }
  checkFolder(path);
  return interrupt.signal.aborted ? exitStatus.interrupted : status;
}

/** The watch of a folder that goes away just falls silent, and then nothing would keep the process alive. */
function signalWhenGone(path: string): Disposable & { signal: AbortSignal } {
  const gone = new AbortController();
  const timer = setInterval(() => {
    if (!existsSync(path)) gone.abort();
  }, lookMilliseconds);
  return { signal: gone.signal, [Symbol.dispose]: () => clearInterval(timer) };
}

/** A watch over nothing would never end, nor keep the process alive. */
function checkFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw noPluginFolder(path);
}

/** With --watch a mistake is shown and the next change waited for. */
async function runOnce(app: App, path: string, options: DevOptions, signal: AbortSignal): Promise<number> {
  try {
    return await run(app, path, options, signal);
  } catch (error) {
    if (options.watch !== true || !(error instanceof TrustError)) throw error;
    writeNotice(`${error.message}${error.hint === undefined ? "" : `\n  ${error.hint}`}`);
    return exitStatus.failed;
  }
}

async function run(app: App, path: string, options: DevOptions, signal: AbortSignal): Promise<number> {
  const bundle = await readBundle(path);
  if (!bundle.ok) throw bundle.error;
  const { manifest } = bundle.value;
  const call = options.call === undefined ? undefined : readCall(options.call, bundle.value);
  const plugin: RunnablePlugin = {
    manifest,
    strikeKey: bundle.value.digest,
    storageFolder: join(app.paths.state, "plugin-dev", manifest.id.replace("/", "+")),
    code: () => Promise.resolve({ ok: true, value: bundle.value.code }),
  };
  await using runner = new PluginRunner({
    workspace: app.workspace,
    mayRead: mayReadBy(app.gate),
    strike: () => Promise.resolve({ ok: true, value: 0 }),
  });
  const onLog = (text: string): void => writeNotice(`log: ${text}`);
  const defined = await runner.call(plugin, { tool: undefined, input: {}, signal, onLog });
  checkTools(defined, bundle.value);
  if (call === undefined) return printTools(bundle.value, options);
  const result = await runner.call(plugin, { ...call, signal, onLog });
  if (!result.ok) throw result.error;
  const { value } = result;
  printResult(options.json, { tool: call.tool.name, result: value }, () =>
    typeof value === "string" ? `${value}\n` : `${JSON.stringify(value, undefined, 2)}\n`,
  );
  return exitStatus.done;
}

function readCall(
  [name, words = "{}"]: readonly string[],
  { manifest }: PluginBundle,
): { tool: { name: string; timeoutMs: number }; input: unknown } {
  const tool = manifest.contributes.tools.find((one) => one.name === name);
  if (tool === undefined) {
    const names = manifest.contributes.tools.map((one) => one.name).join(", ");
    throw new TrustError("TOOL_UNKNOWN", `the plugin has no tool ${name}`, { hint: `its tools are ${names}` });
  }
  const value = parseUnknownJson(words, "the argument list");
  return { tool, input: checkValue(value, inputCheck(tool.inputSchema), `the arguments of ${name}`, "INPUT_INVALID") };
}

/** The manifest and the code must name the same tools. */
function checkTools(defined: Result<unknown>, { manifest }: PluginBundle): void {
  if (!defined.ok) throw defined.error;
  const inCode = new Set(checkValue(defined.value, z.array(z.string()), "the names of its tools", "PLUGIN_INVALID"));
  const missing = manifest.contributes.tools.filter(({ name }) => !inCode.has(name)).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new TrustError("PLUGIN_INVALID", `the code defines no ${missing.join(", ")}, which the manifest names`, {
    hint: `it defines ${[...inCode].join(", ") || "no tool"}`,
  });
}

function printTools({ manifest }: PluginBundle, options: DevOptions): number {
  const { id, version, contributes } = manifest;
  const tools = contributes.tools.map(({ name, description }) => ({ name, description }));
  printResult(options.json, { id, version, tools }, () =>
    [`${id} ${version} loads. Its tools:`, ...tools.map((tool) => `  ${tool.name}: ${tool.description}`), ""].join(
      "\n",
    ),
  );
  return exitStatus.done;
}

/** One value for changes that come together. Ends with the signal. */
async function* changes(path: string, signal: AbortSignal): AsyncGenerator<void, void, void> {
  try {
    let last = 0;
    for await (const _ of watch(path, { recursive: true, signal })) {
      if (performance.now() - last < settleMilliseconds) continue;
      await new Promise((wake) => setTimeout(wake, settleMilliseconds));
      last = performance.now();
      yield;
    }
  } catch (error) {
    // A folder that is already gone cannot be watched: the caller says so.
    if (!isAbort(error) && existsSync(path)) throw error;
  }
}
