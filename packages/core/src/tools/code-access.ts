import type { CodeIndex, SearchHit } from "../codebase/index.ts";
import type { ToolOutcome } from "../ports/tool.ts";
import { counted, done } from "./outcome.ts";

/** The index of the code, brought up to date. */
export interface CodeAccess {
  /** `isComplete` is false while it is being built for the first time: then what it finds is not all. */
  fresh(signal: AbortSignal): Promise<{ index: CodeIndex; isComplete: boolean }>;
  /** By words, and by meaning as far as there are vectors. Absent: by words alone. */
  search?(query: string, limit: number, signal: AbortSignal): Promise<readonly SearchHit[]>;
}

/** The best files for some words, with the index that they were found by. */
export async function searchCode(
  code: CodeAccess,
  { query, limit }: { query: string; limit: number },
  signal: AbortSignal,
): Promise<{ index: CodeIndex; isComplete: boolean; hits: readonly SearchHit[] }> {
  const { index, isComplete } = await code.fresh(signal);
  const hits = (await code.search?.(query, limit, signal)) ?? index.search(query, { limit });
  return { index, isComplete, hits };
}

/** Rows found in the code; says when there may be more. */
export function found(
  rows: readonly string[],
  { one, none, isComplete, most }: { one: string; none: string; isComplete: boolean; most: number },
): ToolOutcome {
  const note = isComplete ? "" : "\n(the code is still being indexed: there may be more)";
  if (rows.length === 0) return done(none + note, "nothing");
  const more = rows.length > most ? `\n... ${counted(rows.length - most, "more")}` : "";
  return done(rows.slice(0, most).join("\n") + more + note, counted(rows.length, one));
}
