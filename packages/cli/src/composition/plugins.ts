import { join } from "node:path";

import type { ApprovalGate, ScaffoldProfile } from "@trust-cli/core/ports";
import { ok, type Result, type ToolCall } from "@trust-cli/core/protocol";
import { builtInNames } from "@trust-cli/core/tools";
import type { Workspace } from "@trust-cli/core/workspace";
import { builtInPlugins } from "@trust-cli/plugins/builtin";
import type { PluginManifest } from "@trust-cli/plugins/manifest";
import { type InstalledPlugin, PluginRegistry, stateOf, strikesUntilDisabled } from "@trust-cli/plugins/registry";
import { type PluginTool, pluginTools, type ResultLimits } from "@trust-cli/plugins/tools";

import type { PluginRunner, PluginToolCall, RunnablePlugin } from "./plugin-runner.ts";

export interface PluginAccess {
  dataFolder: string;
  workspace: Workspace;
  /** What it says of read_file also holds for what plugins read. */
  gate: ApprovalGate;
}

/** The plugins that may be used now. */
export interface AppPlugins {
  /**
   * Those of plugins that the person approved. The built-in ones only for models that are told more than one line, or
   * when the person names a tool: the prompt of the built-in model has no room for them. Undefined, for people: all.
   */
  toolsFor(
    profile: Pick<ScaffoldProfile, "prompt"> | undefined,
    limits: ResultLimits,
    named?: readonly string[],
  ): readonly PluginTool[];
  notices: readonly string[];
}

interface KnownPlugin extends RunnablePlugin {
  isBuiltIn: boolean;
}

/** Where everything about plugins is kept. */
export const pluginRegistry = (dataFolder: string): PluginRegistry => new PluginRegistry(join(dataFolder, "plugins"));

/** Reads one small file. The plugin host starts at the first call. */
export async function openPlugins(access: PluginAccess): Promise<AppPlugins> {
  const registry = pluginRegistry(access.dataFolder);
  const index = await registry.read();
  const stored = index.ok ? index.value : { plugins: [], strikes: {} };
  const notices = index.ok ? stateNotices(stored) : [`No plugin was loaded: ${index.error.message}`];
  const { known, leftOut } = withoutClashes(
    [...builtInOnes(registry, stored.strikes), ...approvedOnes(registry, stored)],
    takenNames,
  );
  const call = lazyRunner(access, registry);
  return {
    notices: [...notices, ...leftOut],
    toolsFor: (profile, limits, named = []) =>
      known
        .filter((plugin) => isOffered(plugin, profile, named))
        .flatMap((plugin) => pluginTools(plugin.manifest, limits, (one) => call(plugin, one))),
  };
}

function isOffered(
  { isBuiltIn, manifest }: KnownPlugin,
  profile: Pick<ScaffoldProfile, "prompt"> | undefined,
  named: readonly string[],
): boolean {
  if (!isBuiltIn || profile === undefined || profile.prompt === "guided") return true;
  return manifest.contributes.tools.some(({ name }) => named.includes(name));
}

type Strikes = Readonly<Record<string, number>>;

interface Stored {
  plugins: readonly InstalledPlugin[];
  strikes: Strikes;
}

function stateNotices({ plugins, strikes }: Stored): string[] {
  const words = {
    approved: undefined,
    waiting: undefined,
    changed: "changed since you approved it and is not loaded",
    disabled: "crashed the plugin host too often and is not loaded",
  };
  return plugins.flatMap((plugin) => {
    const { id } = plugin.manifest;
    const what = words[stateOf(plugin, strikes)];
    return what === undefined ? [] : [`The plugin ${id} ${what}. To use it: trust plugin approve ${id}`];
  });
}

/** A name belongs to the first who has it: the tools of Trust, then its plugins, then those of the person. */
function withoutClashes(
  plugins: readonly KnownPlugin[],
  taken: ReadonlySet<string>,
): { known: KnownPlugin[]; leftOut: string[] } {
  const names = new Set(taken);
  const leftOut: string[] = [];
  const known = plugins.filter(({ manifest }) => {
    const own = [`plugin ${manifest.id}`, ...manifest.contributes.tools.map((tool) => `tool ${tool.name}`)];
    const clash = own.find((name) => names.has(name));
    if (clash !== undefined) leftOut.push(`The plugin ${manifest.id} is left out: there already is a ${clash}`);
    else for (const name of own) names.add(name);
    return clash === undefined;
  });
  return { known, leftOut };
}

const builtInKey = ({ id, version }: PluginManifest): string => `built-in ${id} ${version}`;

function builtInOnes(registry: PluginRegistry, strikes: Strikes): KnownPlugin[] {
  return builtInPlugins
    .filter(({ manifest }) => (strikes[builtInKey(manifest)] ?? 0) < strikesUntilDisabled)
    .map(({ name, manifest }) => ({
      manifest,
      isBuiltIn: true,
      strikeKey: builtInKey(manifest),
      storageFolder: registry.storageFolder(`_${manifest.id}`),
      code: async () => {
        const { builtInCode } = await import("./plugin-files.ts");
        return ok(await builtInCode(name));
      },
    }));
}

function approvedOnes(registry: PluginRegistry, { plugins, strikes }: Stored): KnownPlugin[] {
  return plugins
    .filter((plugin) => stateOf(plugin, strikes) === "approved")
    .map((plugin) => ({
      manifest: plugin.manifest,
      isBuiltIn: false,
      strikeKey: plugin.digest,
      storageFolder: registry.storageFolder(plugin.manifest.id),
      code: async () => {
        const bundle = await registry.load(plugin);
        return bundle.ok ? ok(bundle.value.code) : bundle;
      },
    }));
}

/** What plugins cannot name their tools. */
const takenNames: ReadonlySet<string> = new Set(builtInNames.map((name) => `tool ${name}`));

/** Whether the rules let a model read this path from the root. */
export function mayReadBy(gate: ApprovalGate): (path: string) => boolean {
  return (path) => {
    const call: ToolCall = { id: "plugin", name: "read_file", args: { path }, raw: "", via: "native", repairs: [] };
    return gate.decide(call, "read", path).effect === "allow";
  };
}

function lazyRunner(
  { workspace, gate }: PluginAccess,
  registry: PluginRegistry,
): (plugin: RunnablePlugin, call: PluginToolCall) => Promise<Result<unknown>> {
  let starting: Promise<PluginRunner> | undefined;
  const start = async (): Promise<PluginRunner> => {
    const { PluginRunner } = await import("./plugin-runner.ts");
    return new PluginRunner({ workspace, mayRead: mayReadBy(gate), strike: (key) => registry.strike(key) });
  };
  return async (plugin, call) => {
    starting ??= start();
    return (await starting).call(plugin, call);
  };
}
