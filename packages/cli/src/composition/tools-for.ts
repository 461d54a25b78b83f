import type { Config } from "@trust-cli/core/config";
import type { ScaffoldProfile, Tool } from "@trust-cli/core/ports";
import {
  builtInTools,
  createEditFailures,
  createReadLedger,
  defaultLimits,
  type ToolDependencies,
} from "@trust-cli/core/tools";
import type { ProjectInstructions } from "@trust-cli/core/workspace";

import { withBusyCores } from "./busy-commands.ts";
import { folderInstructions } from "./folder-instructions.ts";
import type { AppPlugins } from "./plugins.ts";

export type ToolsFor = (profile: ScaffoldProfile | undefined) => readonly Tool[];

/** What tools work on. `projectInstructions` are in the system text. */
interface ToolPlace extends Omit<ToolDependencies, "ledger" | "failures" | "limits"> {
  projectInstructions: readonly ProjectInstructions[];
}

/** The tools that fit a model, and that the settings offer it; results are cut as its profile says. */
export function createToolsFor(
  config: Pick<Config, "limits" | "tools">,
  { projectInstructions, ...place }: ToolPlace,
  plugins: AppPlugins,
): ToolsFor {
  const ledger = createReadLedger();
  const failures = createEditFailures(place.code);
  const tellFolders = folderInstructions(place.workspace, projectInstructions);
  const { commandSeconds } = config.limits;
  return (profile) => {
    const { resultLines, resultBytes, lineColumns, changedLines, guarded = false } = profile ?? defaultLimits;
    const commandOutputBytes = Math.min(defaultLimits.commandOutputBytes, resultBytes);
    const results = { resultLines, resultBytes, lineColumns, commandOutputBytes, changedLines, guarded };
    const limits = { ...defaultLimits, ...results, commandSeconds };
    const others = plugins.toolsFor(profile, limits, config.tools);
    const isNamed = ({ name }: Tool): boolean => config.tools?.includes(name) === true;
    const offered = profile?.coreToolsOnly === true ? others.filter(isNamed) : others;
    const builtIn = builtInTools({ ...place, ledger, failures, limits }).filter(
      (tool) => profile?.builtInTools === undefined || profile.builtInTools.includes(tool.name) || isNamed(tool),
    );
    const isTold = profile !== undefined && profile.prompt !== "bare";
    const tools = withBusyCores([...(isTold ? tellFolders(builtIn) : builtIn), ...offered]);
    return config.tools === undefined ? tools : tools.filter(({ name }) => config.tools?.includes(name));
  };
}
