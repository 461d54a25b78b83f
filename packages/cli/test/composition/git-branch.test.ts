import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { temporaryWorkspace } from "@trust-cli/core/testing";
import { describe, expect, test } from "vitest";

import { readBranch } from "../../src/composition/git-branch.ts";

const git = (cwd: string, ...args: string[]): void => {
  const who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"];
  execFileSync("git", [...who, ...args], { cwd, stdio: "pipe" });
};

describe("the branch on the first screen", () => {
  test("is found from a folder deep in the repository, in a worktree, and without a branch", async () => {
    await using workspace = await temporaryWorkspace({ "main/src/deep/a.txt": "a" });
    const main = join(workspace.path, "main");
    git(main, "init", "--quiet", "--initial-branch=feature/cart");
    git(main, "commit", "--quiet", "--allow-empty", "--message=first");
    git(main, "worktree", "add", "--quiet", "-b", "other", "../tree");
    expect(await readBranch(join(main, "src", "deep"))).toBe("feature/cart");
    expect(await readBranch(join(workspace.path, "tree"))).toBe("other");
    git(main, "checkout", "--quiet", "--detach");
    expect(await readBranch(main)).toMatch(/^[0-9a-f]{7}$/);
  });

  test("is left out outside a repository", async () => {
    await using workspace = await temporaryWorkspace();
    expect(await readBranch(workspace.path)).toBeUndefined();
  });
});
