import { join } from "node:path";

import { type ConfigSources, loadConfig, type ResolvedConfig, trustPaths } from "../../src/config/index.ts";
import { TrustError } from "../../src/protocol/errors.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";

export interface ConfigBench {
  folder: string;
  project: string;
  load: (more?: Partial<ConfigSources>) => Promise<ResolvedConfig>;
}

/** A person's folders and a repository beside them: files by `home/config/…` and `project/…`. */
export function configBench(files: Readonly<Record<string, string>> = {}): ConfigBench {
  const folder = temporaryFolder({ "project/.git/HEAD": "ref: refs/heads/main\n", ...files });
  const project = join(folder, "project");
  const paths = trustPaths({ TRUST_HOME: join(folder, "home") }, "linux");
  return {
    folder,
    project,
    load: (more = {}) => loadConfig({ cwd: project, env: {}, flags: {}, paths, ...more }),
  };
}

export async function rejection(promise: Promise<unknown>): Promise<TrustError> {
  const error: unknown = await promise.then(
    () => new Error("nothing was thrown"),
    (cause: unknown) => cause,
  );
  if (error instanceof TrustError) return error;
  throw error;
}
