import { TrustError } from "../protocol/errors.ts";
import type { Git } from "./run-git.ts";

const options = ["--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "-M", "-U3"];

/**
 * A diff as Git prints it: the work tree against the last commit, or what is staged. Before the first commit there is
 * only what is staged. Runs nothing that the repository names.
 */
export async function readPlainDiff(git: Git, what: "work-tree" | "staged", signal: AbortSignal): Promise<string> {
  const isStaged = what === "staged" || !(await hasCommit(git, signal));
  return await git.run(["diff", ...options, isStaged ? "--cached" : "HEAD"], signal);
}

async function hasCommit(git: Git, signal: AbortSignal): Promise<boolean> {
  try {
    await git.run(["rev-parse", "--verify", "--quiet", "HEAD"], signal);
    return true;
  } catch (error) {
    if (error instanceof TrustError && error.code === "GIT_FAILED") return false;
    throw error;
  }
}
