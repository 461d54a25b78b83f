import picomatch from "picomatch";

import { isBoundedGlob, listFiles } from "../codebase/index.ts";

/** The files of the code below `root` that a pattern means, the least deep first. */
export async function matchingFiles(root: string, pattern: string, signal: AbortSignal): Promise<string[]> {
  if (!isBoundedGlob(pattern)) return [];
  const isMatch = picomatch(pattern.replace(/^(\.\/)+/, ""), { dot: true, nonegate: true, noextglob: true });
  const depth = (path: string): number => path.split("/").length;
  return (await listFiles(root, signal)).filter((path) => isMatch(path)).sort((a, b) => depth(a) - depth(b));
}
