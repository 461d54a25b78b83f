import { existsSync } from "node:fs";

import type { Git } from "./run-git.ts";

/** What Git is in the middle of. `lock` is the file that keeps others from the index. */
export interface RepositoryState {
  operation: "merge" | "rebase" | "cherry-pick" | "revert" | undefined;
  lock: string | undefined;
}

const marks = [
  ["merge", "MERGE_HEAD"],
  ["rebase", "rebase-merge"],
  ["rebase", "rebase-apply"],
  ["cherry-pick", "CHERRY_PICK_HEAD"],
  ["revert", "REVERT_HEAD"],
] as const;

export async function repositoryState(git: Git): Promise<RepositoryState> {
  const names = [...marks.map(([, name]) => name), "index.lock"];
  const paths = (
    await git.run(["rev-parse", "--path-format=absolute", ...names.flatMap((name) => ["--git-path", name])])
  )
    .trimEnd()
    .split("\n");
  const exists = paths.map((path) => existsSync(path));
  const lock = paths.at(-1);
  return {
    operation: marks.find((_, index) => exists[index] === true)?.[0],
    lock: exists.at(-1) === true ? lock : undefined,
  };
}
