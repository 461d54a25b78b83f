import type { Grounding, GroundSource } from "../ports/tool.ts";
import type { Workspace } from "../workspace/index.ts";
import { nearestPaths } from "./nearest-paths.ts";
import { Values } from "./values.ts";
import { LatestPaths, type Paths } from "./workspace-paths.ts";

export interface GroundingOptions {
  /** The longest that a reply waits for the list of files; until there is one, paths are free. Default: 2000. */
  waitMilliseconds?: number;
}

/** Grounds arguments in a workspace and in what was said. For one turn: files are listed once, and again after changes. */
export function createGrounding(workspace: Workspace, { waitMilliseconds = 2000 }: GroundingOptions = {}): Grounding {
  const latest = new LatestPaths(workspace, waitMilliseconds);
  return {
    async candidates(query, signal) {
      const values = new Values(workspace, query, await latest.at(query.changes, signal));
      const tools = query.tools.filter(({ grounding }) => grounding !== undefined);
      return Object.fromEntries(await Promise.all(tools.map(async (tool) => [tool.name, await values.of(tool)])));
    },
    async objection(call, { tools, changes }, signal) {
      const tool = tools.find(({ name }) => name === call.name);
      for (const [argument, source] of Object.entries(tool?.grounding ?? {})) {
        const value = call.args[argument];
        if (typeof value !== "string") continue;
        if (typeof source === "object" && isNone(value, source.values)) return notListed(argument, source.values);
        if (typeof source === "object" || source === "conversation-span") continue;
        const resolved = await workspace.resolve(value, "read");
        if (!resolved.ok || resolved.value.kind !== "missing") continue;
        return notThere(value, source, await latest.at(changes, signal));
      }
      return undefined;
    },
  };
}

const mostSuggestions = 5;
const mostListed = 30;

/** Without values there is nothing to hold anyone to. */
const isNone = (value: string, values: readonly string[]): boolean => values.length > 0 && !values.includes(value);

const notListed = (argument: string, values: readonly string[]): string =>
  `${argument} must be one of ${values.slice(0, mostListed).join(", ")}${values.length > mostListed ? ", …" : ""}`;

async function notThere(
  value: string,
  source: Exclude<GroundSource, object | "conversation-span">,
  { files, folders }: Paths = { files: new Set(), folders: new Set() },
): Promise<string> {
  const [what, pool] = {
    "existing-file": ["file", [...files]] as const,
    folder: ["folder", [...folders]] as const,
    "existing-path": ["file or folder", [...files, ...folders]] as const,
  }[source];
  const near = await nearestPaths(value, pool, mostSuggestions);
  return `there is no ${what} ${value}${near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`}`;
}
