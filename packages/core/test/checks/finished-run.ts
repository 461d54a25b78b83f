import type { FinishedRun } from "../../src/checks/project-tool.ts";
import { createLocate } from "../../src/checks/project.ts";

/** A run that wrote this, in a folder of a project. */
export function finishedRun(root: string, run: Partial<FinishedRun> = {}): FinishedRun {
  const folder = run.folder ?? ".";
  const said = { stdout: "", stderr: "", exitCode: 1, startedAt: 0, ...run };
  return { ...said, root, folder, locate: createLocate(root, folder) };
}
