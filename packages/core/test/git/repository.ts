import { spawnSync } from "node:child_process";

import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";

/** A real repository in a temporary folder. */
export interface Repository extends TemporaryWorkspace {
  /** Runs Git as a person would, and throws with its words when it fails. */
  git(...args: string[]): string;
}

export async function temporaryRepository(files: Readonly<Record<string, string>> = {}): Promise<Repository> {
  const workspace = await temporaryWorkspace(files);
  const git = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync("git", args, {
      cwd: workspace.path,
      encoding: "utf8",
      env: environment,
    });
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  git("init", "-q", "-b", "main");
  git("config", "user.email", "ada@example.org");
  git("config", "user.name", "Ada");
  return { ...workspace, git };
}

const environment = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };
