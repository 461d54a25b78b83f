import type { ToolSignature } from "../../protocol/tool-call.ts";
import { nearest } from "./nearest.ts";

/** Names that models put before a tool's own. */
const prefix = /^(?:functions?|tools?|default_api)[.:/]/i;
const unprefixed = (name: string): string => name.trim().replace(prefix, "");
const lower = (name: string): string => unprefixed(name).toLowerCase();
const folded = (name: string): string => lower(name).replaceAll(/[-_\s.]/g, "");
const shown = 24;

export type Resolved = { ok: true; tool: ToolSignature } | { ok: false; error: string };

/** The tool that a name means, for sure: a unique match, whatever the case, the prefix, the dashes. Never a guess. */
export function resolveName(name: string, tools: readonly ToolSignature[]): Resolved {
  const exact = tools.find((tool) => tool.name === name);
  if (exact !== undefined) return { ok: true, tool: exact };
  for (const form of [unprefixed, lower, folded]) {
    const matches = tools.filter((tool) => form(tool.name) === form(name));
    const [tool] = matches;
    if (tool !== undefined && matches.length === 1) return { ok: true, tool };
    if (tool !== undefined) return { ok: false, error: `${name} may be ${list(matches.map((match) => match.name))}` };
  }
  return { ok: false, error: unknown(name, tools) };
}

function unknown(name: string, tools: readonly ToolSignature[]): string {
  const names = tools.map((tool) => tool.name);
  const near = nearest(unprefixed(name), names);
  const suggestion = near === undefined ? "" : `, did you mean ${near}?`;
  return `there is no tool named ${name}${suggestion === "" ? ";" : suggestion} the tools are ${list(names)}`;
}

const list = (names: readonly string[]): string =>
  names.length <= shown ? names.join(", ") : `${names.slice(0, shown).join(", ")} and ${names.length - shown} more`;
