import { readdirSync } from "node:fs";
import { join } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import { checkSetting, knownKey } from "./check-setting.ts";
import { findProfile, findProjectFile, findUserFile, projectRoot, type SettingsFile } from "./discover.ts";
import {
  defaultLayer,
  explainLayers,
  type ConfigExplanation,
  type Layer,
  type ResolvedConfig,
  resolveLayers,
} from "./layers.ts";
import type { TrustPaths } from "./paths.ts";
import { type Config, type SettingKey, settingFor, settingKeys } from "./settings.ts";

export interface ConfigSources {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** By setting key, already of the right type or as text. */
  flags: Readonly<Partial<Record<SettingKey, unknown>>>;
  paths: TrustPaths;
  profile?: string;
  /** For looking at settings: a mistake in them must not keep a person from finding it. */
  tolerant?: boolean;
}

/**
 * Layers: default < user < project < profile < environment < flags. Throws CONFIG_* naming file, key and line;
 * with `tolerant` a layer with a mistake counts as empty instead, and the mistake is in `problems`.
 */
export async function loadConfig(sources: ConfigSources): Promise<ResolvedConfig> {
  const problems: TrustError[] = [];
  const ignored: string[] = [];
  const forgive = (error: unknown): void => {
    if (sources.tolerant !== true || !(error instanceof TrustError)) throw error;
    problems.push(error);
  };
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      forgive(error);
      return undefined;
    }
  };
  const fromFile = async (found: Located | undefined): Promise<Layer[]> => {
    if (found === undefined) return [];
    const { source, file, text, restricted } = found;
    const values = (await attempt(() => readFileValues(file, text))) ?? new Map<SettingKey, unknown>();
    return [{ source, file, values, ...(restricted === true ? { restricted } : {}) }];
  };
  const layers = [
    defaultLayer(),
    ...(await fromFile(await attempt(() => locateUser(sources)))),
    ...(await fromFile(await attempt(() => locateProject(sources, ignored)))),
    ...(await fromFile(await attempt(() => locateProfile(sources, ignored)))),
    ...list(await attempt(() => environmentLayer(sources.env))),
    ...list(await attempt(() => flagLayer(sources.flags))),
  ];
  const resolved = resolveLayers(layers);
  return { ...resolved, notices: [...ignored, ...resolved.notices], problems };
}

const list = (layer: Layer | undefined): Layer[] => (layer === undefined ? [] : [layer]);

/** A file that was found, and what it may do. */
type Located = SettingsFile & Pick<Layer, "source" | "restricted">;

/** The YAML library is loaded only where there is something to parse: most starts have no settings file. */
async function readFileValues(file: string, text: string): Promise<Layer["values"]> {
  const { readSettings } = await import("./read-file.ts");
  return readSettings(file, text);
}

function locateUser({ paths }: ConfigSources): Located | undefined {
  const found = findUserFile(paths.config);
  return found === undefined ? undefined : { ...found, source: "user" };
}

function locateProject({ cwd }: ConfigSources, ignored: string[]): Located | undefined {
  const found = findProjectFile(cwd, ignored);
  return found === undefined ? undefined : { ...found, source: "project", restricted: true };
}

function locateProfile({ paths, cwd, profile: name }: ConfigSources, ignored: string[]): Located | undefined {
  if (name === undefined) return undefined;
  const root = projectRoot(cwd);
  const projectFolder = join(root, ".trust");
  if (/^[\w.-]+$/.test(name)) {
    const own = findProfile(paths.config, name);
    if (own !== undefined) return { ...own, source: "profile" };
    const shared = findProfile(projectFolder, name, { root, ignored });
    if (shared !== undefined) return { ...shared, source: "profile", restricted: true };
  }
  const known = [...new Set([...profileNames(paths.config), ...profileNames(projectFolder)])];
  const hint =
    known.length === 0
      ? `make one: ${join(paths.config, "profiles", `${name}.yaml`)}`
      : `there are ${known.join(", ")}`;
  throw new TrustError("PROFILE_MISSING", `there is no profile ${name}`, { hint });
}

const profileFile = /\.(json|ya?ml)$/;

function profileNames(folder: string): string[] {
  try {
    const files = readdirSync(join(folder, "profiles")).filter((file) => profileFile.test(file));
    return files.map((file) => file.replace(profileFile, ""));
  } catch {
    return [];
  }
}

/** `limits.commandSeconds` is TRUST_LIMITS_COMMAND_SECONDS. */
function environmentName(key: SettingKey): string {
  return `TRUST_${key
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toUpperCase()}`;
}

async function environmentLayer(environment: ConfigSources["env"]): Promise<Layer> {
  const values = new Map<SettingKey, unknown>();
  for (const key of settingKeys) {
    const name = environmentName(key);
    const text = environment[name];
    if (text === undefined || text === "") continue;
    const { parseValue } = await import("./read-file.ts");
    values.set(key, checkSetting(key, parseValue(key, text), `${name}: `));
  }
  return { source: "environment", values };
}

function flagLayer(flags: ConfigSources["flags"]): Layer {
  const values = new Map<SettingKey, unknown>();
  for (const key of settingKeys) {
    if (flags[key] !== undefined) values.set(key, checkSetting(key, flags[key], "flag "));
  }
  return { source: "flag", values };
}

export function getConfigValue(config: Config, key: string): unknown {
  const known = knownKey(key);
  const [group = "", name] = known.split(".");
  const value = (config as unknown as Record<string, unknown>)[group];
  return name === undefined ? value : (value as Record<string, unknown>)[name];
}

export function explainConfig(resolved: ResolvedConfig, key: string): ConfigExplanation[] {
  return explainLayers(resolved, knownKey(key));
}

/** Every setting for listings and documentation. */
export function configReference(): {
  key: SettingKey;
  variable: string;
  default: unknown;
  description: string;
  project: string;
}[] {
  return settingKeys.map((key) => {
    const { default: value, description, project } = settingFor(key);
    return { key, variable: environmentName(key), default: value, description, project };
  });
}
