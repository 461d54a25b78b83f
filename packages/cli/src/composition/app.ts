import { join } from "node:path";

import {
  type Config,
  type ConfigSources,
  loadConfig,
  type ResolvedConfig,
  type TrustPaths,
  trustPaths,
} from "@trust-cli/core/config";
import { createGate, type GateOptions, parseRule } from "@trust-cli/core/policy";
import type { ApprovalGate, ScaffoldProfile, Tool } from "@trust-cli/core/ports";
import { blockRemoteConnections } from "@trust-cli/core/privacy";
import { TrustError } from "@trust-cli/core/protocol";
import { builtInTools, createReadLedger, defaultLimits } from "@trust-cli/core/tools";
import { openWorkspace, type Workspace } from "@trust-cli/core/workspace";

import { PendingApprovals } from "./approvals.ts";

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
}

/** Everything that is wired once and shared: settings, folders, tools and the gate. */
export interface App {
  resolved: ResolvedConfig;
  config: Config;
  paths: TrustPaths;
  workspace: Workspace;
  approvals: PendingApprovals;
  environment: NodeJS.ProcessEnv;
  /** A gate and tools that fit a model; results are cut as its profile says. */
  toolsFor(profile: ScaffoldProfile | undefined): readonly Tool[];
  gate: ApprovalGate;
  databasePath: string;
  locksPath: string;
}

/** The only wiring. `interactive`: a person can be asked. Opens no database, loads no model. */
export function createApp(flags: AppFlags, interactive: boolean): Promise<App> {
  return wire(flags, { interactive, tolerant: false });
}

/**
 * For commands that only look: settings with a mistake count as not set, and are in `resolved.problems`. No one can
 * be asked.
 */
export function createAppToLook(flags: AppFlags): Promise<App> {
  return wire(flags, { interactive: false, tolerant: true });
}

async function wire(flags: AppFlags, { interactive, tolerant }: Wiring): Promise<App> {
  const environment = process.env;
  const paths = trustPaths(environment, process.platform);
  const workspace = await openFolder(flags.cwd ?? currentFolder());
  const loaded = await loadConfig({
    cwd: workspace.root,
    env: environment,
    flags: flagValues(flags),
    paths,
    tolerant,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
  });
  const { config } = loaded;
  if (config.offline) blockRemoteConnections();
  const approvals = new PendingApprovals();
  const ask = interactive ? approvals.ask : undefined;
  const { gate, problems } = createGateFrom(config, ask, tolerant);
  const ledger = createReadLedger();
  const commandSeconds = config.limits.commandSeconds;
  const toolsFor: App["toolsFor"] = (profile) => {
    const { resultLines, resultBytes, lineColumns } = profile ?? defaultLimits;
    const commandOutputBytes = Math.min(defaultLimits.commandOutputBytes, resultBytes);
    const limits = { ...defaultLimits, commandSeconds, commandOutputBytes, resultLines, resultBytes, lineColumns };
    return builtInTools({ workspace, ledger, limits });
  };
  const resolved = {
    ...loaded,
    notices: [...loaded.notices, ...rulesWithoutTool(config, toolsFor(undefined))],
    problems: [...loaded.problems, ...problems],
  };
  return {
    resolved,
    config,
    paths,
    workspace,
    approvals,
    environment,
    gate,
    toolsFor,
    databasePath: join(paths.data, "sessions.db"),
    locksPath: join(paths.state, "locks"),
  };
}

interface Wiring {
  interactive: boolean;
  tolerant: boolean;
}

/** Rules are read here. A tolerant gate without them is never asked: commands that only look call no tool. */
function createGateFrom(
  { mode, allow, deny }: Config,
  ask: GateOptions["ask"],
  tolerant: boolean,
): { gate: ApprovalGate; problems: TrustError[] } {
  try {
    return { gate: createGate({ mode, allow, deny, ask }), problems: [] };
  } catch (error) {
    if (!tolerant || !(error instanceof TrustError)) throw error;
    return { gate: createGate({ mode: "plan", allow: [], deny: [], ask }), problems: [error] };
  }
}

/** A rule with a misspelt tool would give false safety. */
function rulesWithoutTool({ allow, deny }: Config, tools: readonly Tool[]): string[] {
  const names = new Set(tools.map(({ name }) => name));
  const unknown = (effect: string, rules: readonly string[]): string[] =>
    rules.flatMap((text) => {
      const rule = parseRule(text);
      return !rule.ok || names.has(rule.value.tool) ? [] : [`${effect} rule names no tool: ${rule.value.text}`];
    });
  return [...unknown("deny", deny), ...unknown("allow", allow)];
}

async function openFolder(folder: string): Promise<Workspace> {
  try {
    return await openWorkspace(folder);
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
    ...(flags.maxTurns === undefined ? {} : { "limits.steps": flags.maxTurns }),
  };
}
