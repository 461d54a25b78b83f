import picomatch from "picomatch";
import * as z from "zod";

import { isBoundedGlob } from "../codebase/index.ts";
import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import type { ToolDependencies } from "./dependencies.ts";
import { Listing } from "./listing.ts";
import { done, failed, pathLine } from "./outcome.ts";
import { runRipgrep } from "./ripgrep.ts";

const Input = z.strictObject({
  pattern: z.string().min(1).max(200).refine(isBoundedGlob, "at most three * in one part of the path"),
});
type Input = z.infer<typeof Input>;

const pathBytes = 4096;
const globOptions = { dot: true, noextglob: true, nonegate: true };

export function findFilesTool(dependencies: ToolDependencies): Tool<Input> {
  return {
    name: "find_files",
    description: "Find files by glob pattern",
    risk: "read",
    input: Input,
    subject: ({ pattern }) => pattern,
    prepare: async ({ pattern }) => ok({ run: (signal) => find(pattern, dependencies, signal) }),
  };
}

/** One pass over the names: those that match the pattern, and those that nearly do in case none does. */
async function find(
  pattern: string,
  { workspace, limits }: ToolDependencies,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const glob = fromRoot(pattern, workspace.root);
  const isMatch = picomatch(glob, { ...globOptions, basename: !glob.includes("/") });
  const isNear = nearMatcher(glob);
  const matches = new Listing(limits);
  const near = new Listing(limits);
  const ended = await runRipgrep(
    {
      args: ["--files"],
      cwd: workspace.root,
      delimiter: 0,
      recordBytes: pathBytes,
      onRecord: (record) => {
        const path = pathLine(record);
        if (isMatch(path)) return matches.add(path);
        if (matches.total === 0 && isNear(path)) near.add(path);
        return true;
      },
    },
    signal,
  );
  if (!ended.ok) return failed(ended.error);
  const found = matches.total > 0 ? matches : near;
  if (found.total === 0) return done(`no files found (files that .gitignore names are not searched)`, "no files");
  return done(found.text("file", "Use a longer pattern to see fewer"), found.summary("file"));
}

/**
 * The pattern relative to the root: without the root itself, a leading `./` or `/`; `src/` means all below it.
 * Parentheses are part of names.
 */
function fromRoot(pattern: string, root: string): string {
  const relative = pattern.startsWith(`${root}/`) ? pattern.slice(root.length) : pattern;
  return relative
    .replace(/^(\.?\/)+/, "")
    .replace(/(^|\/)$/, "$1**")
    .replaceAll(/[()]/g, "\\$&");
}

/** A plain word matches names that contain it, in any case; a path or pattern matches below any folder. */
function nearMatcher(glob: string): (path: string) => boolean {
  const isPlain = picomatch.scan(glob).isGlob !== true;
  const anywhere = isPlain && !glob.includes("/") ? `**/*${glob}*` : `**/${glob}`;
  return picomatch(anywhere, { ...globOptions, nocase: true });
}
