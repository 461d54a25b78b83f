import type { PrefixBreak } from "@trust-cli/core/protocol";

/** Fewer tokens are read again in no time. */
const worthTelling = 512;
const shownCharacters = 40;

/** Why much of a prompt is read again; undefined when it is little. Texts are the prompt's own, not yet safe to print. */
export function readAgainText({ lost, was, now }: PrefixBreak): string | undefined {
  if (lost < worthTelling) return undefined;
  return `${lost.toLocaleString("en-US")} tokens are read again: where the prompt said ${quoted(was)}, it now says ${quoted(now)}`;
}

function quoted(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > shownCharacters ? `“${line.slice(0, shownCharacters)}…”` : `“${line}”`;
}
