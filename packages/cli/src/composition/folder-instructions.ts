import { dirname, join } from "node:path";

import type { Tool } from "@trust-cli/core/ports";
import { ok } from "@trust-cli/core/protocol";
import {
  instructionsText,
  type ProjectInstructions,
  readProjectInstructions,
  type Workspace,
} from "@trust-cli/core/workspace";

/** Of one result. */
const mostCharacters = 4000;

/**
 * Has the first result about a file in a folder with instructions of its own, such as AGENTS.md, tell them. `known` are
 * in the system text already.
 */
export function folderInstructions(
  workspace: Workspace,
  known: readonly ProjectInstructions[],
): (tools: readonly Tool[]) => Tool[] {
  const told = new Set(known.map(({ name }) => name));
  const news = async (path: string): Promise<string> => {
    const target = await workspace.resolve(path, "read");
    if (!target.ok) return "";
    const all = await readProjectInstructions(join(workspace.root, dirname(target.value.name)), workspace.root);
    const fresh = all.filter(({ name }) => !told.has(name));
    for (const { name } of fresh) told.add(name);
    return fresh.length === 0 ? "" : `\n\n${instructionsText(fresh, mostCharacters)}`;
  };
  return (tools) => tools.map((tool) => telling(tool, news));
}

function telling(tool: Tool, news: (path: string) => Promise<string>): Tool {
  return {
    ...tool,
    async prepare(input, signal) {
      const prepared = await tool.prepare(input, signal);
      const path = pathOf(input);
      if (!prepared.ok || path === undefined) return prepared;
      return ok({
        ...prepared.value,
        run: async (...how) => {
          const outcome = await prepared.value.run(...how);
          return outcome.status === "ok" ? { ...outcome, text: outcome.text + (await news(path)) } : outcome;
        },
      });
    },
  };
}

const pathOf = (input: unknown): string | undefined =>
  typeof input === "object" && input !== null && "path" in input && typeof input.path === "string"
    ? input.path
    : undefined;
