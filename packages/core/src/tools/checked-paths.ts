import { failure, ok, type Result } from "../protocol/errors.ts";
import { missingFile, type Workspace } from "../workspace/index.ts";

/** Files and folders that there are, by their names from the root. */
export async function namesOf(paths: readonly string[] = [], workspace: Workspace): Promise<Result<string[]>> {
  const names: string[] = [];
  for (const path of paths) {
    const target = await workspace.resolve(path, "read");
    if (!target.ok) return target;
    if (target.value.kind === "missing") return failure(missingFile(target.value.name));
    names.push(target.value.name);
  }
  return ok(names);
}

export const shownPaths = (paths: readonly string[] = [], workspace: Workspace): string =>
  paths.length === 0 ? "." : paths.map((path) => workspace.nameOf(path)).join(" ");
