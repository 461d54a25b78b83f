import { oneLine } from "../protocol/words.ts";

const longest = 100;

/** A text of a kit or a registry in quotes, on one line, and not all of it when it is long. */
export function quoted(text: string): string {
  return JSON.stringify(oneLine(text.length > longest ? `${text.slice(0, longest)}…` : text));
}
