import {
  type Config,
  type ConfigSources,
  loadConfig,
  managedFolder,
  type ResolvedConfig,
  type TrustPaths,
  trustPaths,
} from "@trust-cli/core/config";
import { blockRemoteConnections } from "@trust-cli/core/privacy";
import { TrustError } from "@trust-cli/core/protocol";
import { openWorkspace, type Workspace } from "@trust-cli/core/workspace";

/** What the command line says; each is absent when the person did not say it. */
export interface AppFlags {
  cwd?: string;
  model?: string;
  mode?: string;
  allow?: string[];
  deny?: string[];
  profile?: string;
  maxTurns?: number;
  offline?: boolean;
  privateHost?: boolean;
  maxRam?: string;
  maxVram?: string;
  threads?: number;
}

/** The flags under another profile, or under what the settings say: a model and mode that were named give way to it. */
export function withProfile(flags: AppFlags, profile: string | undefined): AppFlags {
  const others = { ...flags };
  delete others.model;
  delete others.mode;
  delete others.profile;
  return profile === undefined ? others : { ...others, profile };
}

/** Where a command works and what is set there: all that most of them need. */
export interface Settings {
  resolved: ResolvedConfig;
  config: Config;
  paths: TrustPaths;
  workspace: Workspace;
  environment: NodeJS.ProcessEnv;
}

/**
 * Reads the settings that hold in the folder. `tolerant`: those with a mistake count as not set, and are in
 * `resolved.problems`.
 */
export async function loadSettings(flags: AppFlags, tolerant = false): Promise<Settings> {
  const environment = process.env;
  const paths = trustPaths(environment, process.platform);
  const { config: settingsFolder, data, state, cache } = paths;
  const workspace = await openFolder(flags.cwd ?? currentFolder(), [settingsFolder, data, state, cache]);
  const resolved = await loadConfig({
    cwd: workspace.root,
    env: environment,
    flags: flagValues(flags),
    paths,
    tolerant,
    managedFolder: managedFolder(process.platform),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
  });
  const { config } = resolved;
  if (config.offline) blockRemoteConnections();
  return { resolved, config, paths, workspace, environment };
}

async function openFolder(folder: string, kept: readonly string[]): Promise<Workspace> {
  try {
    return await openWorkspace(folder, kept);
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause;
    throw new TrustError("USAGE", `${folder} is not a folder to work in: ${cause.message}`, {
      hint: "--cwd DIR names another",
      cause,
    });
  }
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new TrustError("USAGE", "the folder that trust was started in is gone", {
      hint: "change to another folder, or name one with --cwd",
      cause,
    });
  }
}

function flagValues(flags: AppFlags): ConfigSources["flags"] {
  return {
    ...(flags.model === undefined ? {} : { model: flags.model }),
    ...(flags.mode === undefined ? {} : { mode: flags.mode }),
    ...(flags.allow === undefined ? {} : { allow: flags.allow }),
    ...(flags.deny === undefined ? {} : { deny: flags.deny }),
    ...(flags.offline === undefined ? {} : { offline: flags.offline }),
    ...(flags.privateHost === true ? { "host.shared": false } : {}),
    ...(flags.maxRam === undefined ? {} : { "host.maxRam": flags.maxRam }),
    ...(flags.maxVram === undefined ? {} : { "host.maxVram": flags.maxVram }),
    ...(flags.threads === undefined ? {} : { "host.threads": flags.threads }),
    ...(flags.maxTurns === undefined ? {} : { "limits.steps": flags.maxTurns }),
  };
}
