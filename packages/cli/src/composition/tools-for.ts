import type { Config } from "@trust-cli/core/config";
import type { ScaffoldProfile, Tool } from "@trust-cli/core/ports";
import { builtInTools, createReadLedger, defaultLimits, type ToolDependencies } from "@trust-cli/core/tools";

import { withBusyCores } from "./busy-commands.ts";
import type { AppPlugins } from "./plugins.ts";

export type ToolsFor = (profile: ScaffoldProfile | undefined) => readonly Tool[];

/** The tools that fit a model, and that the settings offer it; results are cut as its profile says. */
export function createToolsFor(
  config: Pick<Config, "limits" | "tools">,
  place: Pick<ToolDependencies, "workspace" | "changes" | "code" | "problems">,
  plugins: AppPlugins,
): ToolsFor {
  const ledger = createReadLedger();
  const { commandSeconds } = config.limits;
  return (profile) => {
    const { resultLines, resultBytes, lineColumns, changedLines, guarded = false } = profile ?? defaultLimits;
    const commandOutputBytes = Math.min(defaultLimits.commandOutputBytes, resultBytes);
    const results = { resultLines, resultBytes, lineColumns, commandOutputBytes, changedLines, guarded };
    const limits = { ...defaultLimits, ...results, commandSeconds };
    const others = plugins.toolsFor(profile, limits, config.tools);
    const isNamed = ({ name }: Tool): boolean => config.tools?.includes(name) === true;
    const offered = profile?.coreToolsOnly === true ? others.filter(isNamed) : others;
    const builtIn = builtInTools({ ...place, ledger, limits }).filter(
      (tool) => profile?.builtInTools === undefined || profile.builtInTools.includes(tool.name) || isNamed(tool),
    );
    const tools = withBusyCores([...builtIn, ...offered]);
    return config.tools === undefined ? tools : tools.filter(({ name }) => config.tools?.includes(name));
  };
}
