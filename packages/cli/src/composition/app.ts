import { join } from "node:path";

import type { Config } from "@trust-cli/core/config";
import { createGate, type GateOptions, parseRule } from "@trust-cli/core/policy";
import type { ApprovalGate, Tool } from "@trust-cli/core/ports";
import { TrustError } from "@trust-cli/core/protocol";
import { type ProjectInstructions, readProjectInstructions } from "@trust-cli/core/workspace";

import { PendingApprovals } from "./approvals.ts";
import { type AppChecks, lazyChecks } from "./checks.ts";
import { type AppCode, lazyCode } from "./code.ts";
import { type AppDocumentation, lazyDocumentation } from "./documentation.ts";
import { type AppJournal, lazyJournal } from "./journal.ts";
import { recordFolders } from "./locations.ts";
import { mayRunBy } from "./may-run.ts";
import { mayReadBy, openPlugins } from "./plugins.ts";
import { type AppFlags, loadSettings, type Settings } from "./settings.ts";
import { createToolsFor, type ToolsFor } from "./tools-for.ts";
import { lazyVectors } from "./vectors.ts";

/** Everything that is wired once and shared: settings, folders, tools and the gate. */
export interface App extends Settings {
  approvals: PendingApprovals;
  /** A gate and tools that fit a model; results are cut as its profile says. */
  toolsFor: ToolsFor;
  /** The same, made anew: nothing that they read counts as read by the model. */
  freshTools: ToolsFor;
  gate: ApprovalGate;
  /** Through which all files change, and by which they come back. */
  journal: AppJournal;
  code: AppCode;
  documentation: AppDocumentation;
  checks: AppChecks;
  /** What the project's authors tell assistants, as it was when the program began. */
  projectInstructions: readonly ProjectInstructions[];
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
  const settings = await loadSettings(flags, tolerant);
  const { config, workspace, paths } = settings;
  const approvals = new PendingApprovals();
  const ask = interactive ? approvals.ask : undefined;
  const { gate, problems } = createGateFrom(config, ask, tolerant);
  const plugins = await openPlugins({ dataFolder: paths.data, workspace, gate });
  const records = recordFolders(paths, settings.environment);
  const locksPath = join(records.state, "locks");
  const journal = lazyJournal({ workspace, file: join(records.data, "journal.db"), locks: locksPath });
  const code = lazyCode(workspace.root, records.cache, lazyVectors(settings, records.cache));
  const checks = lazyChecks({ root: workspace.root, gate, seconds: config.limits.commandSeconds });
  const documentation = lazyDocumentation(workspace.root, join(paths.data, "docs.db"));
  const docs = documentation.isThere() ? documentation : undefined;
  const projectInstructions = await readProjectInstructions(workspace.root);
  const { problems: syntaxProblems } = code;
  const work = {
    workspace,
    changes: journal,
    code,
    problems: syntaxProblems,
    diagnostics: checks,
    mayRun: mayRunBy(gate),
    mayRead: mayReadBy(gate),
  };
  const place = { ...work, docs, projectInstructions };
  const toolsFor = createToolsFor(config, place, plugins);
  const everyTool = createToolsFor(
    { ...config, tools: undefined },
    { ...place, docs: documentation },
    plugins,
  )(undefined);
  const resolved = {
    ...settings.resolved,
    notices: [
      ...settings.resolved.notices,
      ...plugins.notices,
      ...wordsWithoutTool(config, everyTool),
      ...(await journal.recover()),
    ],
    problems: [...settings.resolved.problems, ...problems],
  };
  return {
    ...settings,
    resolved,
    approvals,
    gate,
    toolsFor,
    freshTools: (profile) => createToolsFor(config, place, plugins)(profile),
    journal,
    code,
    documentation,
    checks,
    projectInstructions,
    databasePath: join(records.data, "sessions.db"),
    locksPath,
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
function wordsWithoutTool({ allow, deny, tools: offered = [] }: Config, tools: readonly Tool[]): string[] {
  const names = new Set([...tools.map(({ name }) => name), "task"]);
  const unknown = (effect: string, rules: readonly string[]): string[] =>
    rules.flatMap((text) => {
      const rule = parseRule(text);
      return !rule.ok || names.has(rule.value.tool) ? [] : [`${effect} rule names no tool: ${rule.value.text}`];
    });
  const misspelt = offered.filter((name) => !names.has(name)).map((name) => `the setting tools names no tool: ${name}`);
  return [...unknown("deny", deny), ...unknown("allow", allow), ...misspelt];
}
