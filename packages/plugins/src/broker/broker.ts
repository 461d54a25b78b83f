import { failure, ok, type Result, TrustError } from "@trust-cli/core/protocol";
import type { Workspace } from "@trust-cli/core/workspace";
import * as z from "zod";

import { type Permissions, readGlobs } from "../manifest/index.ts";
import { PluginStore } from "./storage.ts";
import { WorkspaceFiles } from "./workspace-files.ts";

/** What the application gives plugins a part of. */
export interface BrokerAccess {
  workspace: Workspace;
  mayRead: (path: string) => boolean;
  /** The folder of this plugin's data. */
  storageFolder: string;
}

export type Broker = (method: string, args: readonly unknown[], signal: AbortSignal) => Promise<Result<unknown>>;

const Path = z.tuple([z.string().max(4096)]);
const Key = z.string().min(1).max(200);
const KeyOnly = z.tuple([Key]);
const KeyAndValue = z.tuple([Key, z.unknown()]);
const Nothing = z.tuple([]);

/** Answers a plugin's questions: what the manifest grants, within what the person allows. */
export function createBroker(permissions: Permissions, access: BrokerAccess): Broker {
  const { workspace, mayRead, storageFolder } = access;
  const files = new WorkspaceFiles({ workspace, mayRead, globs: readGlobs(permissions) });
  const store = new PluginStore({
    folder: storageFolder,
    workspace: workspace.root,
    megabytes: permissions.storageMB ?? 0,
  });
  const methods: Record<string, (args: readonly unknown[], signal: AbortSignal) => Promise<Result<unknown>>> = {
    "fs.read": checked(Path, ([path]) => files.read(path)),
    "fs.list": checked(Path, ([path]) => files.list(path)),
    "fs.glob": checked(Path, ([pattern], signal) => files.glob(pattern, signal)),
    "storage.get": checked(KeyOnly, ([key]) => store.get(key)),
    "storage.set": checked(KeyAndValue, ([key, value]) => store.set(key, value)),
    "storage.delete": checked(KeyOnly, ([key]) => store.delete(key)),
    "storage.list": checked(Nothing, () => store.list()),
  };
  return async (method, args, signal) => {
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (run === undefined) return failure(new TrustError("INPUT_INVALID", `there is no ${method}`));
    return run(args, signal);
  };
}

function checked<Args>(
  schema: z.ZodType<Args>,
  run: (args: Args, signal: AbortSignal) => Promise<Result<unknown>>,
): (args: readonly unknown[], signal: AbortSignal) => Promise<Result<unknown>> {
  return async (args, signal) => {
    const parsed = schema.safeParse(args);
    if (!parsed.success) return failure(new TrustError("INPUT_INVALID", "the arguments are not as the SDK says"));
    const result = await run(parsed.data, signal);
    return result.ok ? ok(result.value) : result;
  };
}
