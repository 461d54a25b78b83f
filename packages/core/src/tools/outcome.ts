import type { ToolOutcome } from "../ports/tool.ts";
import type { TrustError } from "../protocol/errors.ts";
import { oneLine, slashes } from "../workspace/index.ts";

export const done = (text: string, summary: string): ToolOutcome => ({ status: "ok", text, summary });

export function failed(error: TrustError): ToolOutcome {
  const hint = error.hint === undefined ? "" : `. ${error.hint}`;
  return { status: "failed", text: `error: ${error.message}${hint}`, summary: "failed" };
}

/** `1 match`, `3 matches`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** A path as one line of a result: with `/`, and without what would forge further lines or steer a terminal. */
export const pathLine = (path: string): string => oneLine(slashes(path));
