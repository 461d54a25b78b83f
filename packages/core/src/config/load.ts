import { join } from "node:path";

import { TrustError } from "../protocol/errors.ts";
import { checkSetting, knownKey } from "./check-setting.ts";
import { findManagedFile, findProjectFile, findUserFile, type SettingsFile } from "./discover.ts";
import {
  defaultLayer,
  explainLayers,
  type ConfigExplanation,
  type Layer,
  type ResolvedConfig,
  resolveLayers,
} from "./layers.ts";
import type { TrustPaths } from "./paths.ts";
import { asProfile, listProfiles, locateNamedProfile } from "./profiles.ts";
import { type Config, type SettingKey, settingFor, settingKeys } from "./settings.ts";

export interface ConfigSources {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** By setting key, already of the right type or as text. */
  flags: Readonly<Partial<Record<SettingKey, unknown>>>;
  paths: TrustPaths;
  /** As `--profile` names it; without it TRUST_PROFILE or the person's own settings may. */
  profile?: string;
  /** Where the machine's administrator keeps settings that nobody may override. */
  managedFolder?: string;
  /** For looking at settings: a mistake in them must not keep a person from finding it. */
  tolerant?: boolean;
}

/**
 * Layers: default < user < project < profile < environment < flags < managed. Throws CONFIG_* naming file, key and
 * line, and REFUSED when a variable or flag sets what the managed file locks; with `tolerant` a layer with a mistake counts as empty instead, and the mistake is in `problems`.
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
    const values = (await attempt(() => readFileValues(file, text, source))) ?? new Map<SettingKey, unknown>();
    return [{ source, file, values, ...(restricted === true ? { restricted } : {}) }];
  };
  const managed = await fromFile(await attempt(() => locateManaged(sources.managedFolder)));
  const user = await fromFile(await attempt(() => locateUser(sources)));
  const project = await fromFile(await attempt(() => locateProject(sources, ignored)));
  const environment = list(await attempt(() => environmentLayer(sources.env)));
  const flags = list(await attempt(() => flagLayer(sources)));
  await attempt(() => refuseLocked(managed, [...environment, ...flags]));
  const name = nameOfProfile([...user, ...environment, ...flags, ...managed]);
  const profile = await fromFile(await attempt(() => locateProfile(sources, name, ignored)));
  const layers = [defaultLayer(), ...user, ...project, ...profile, ...environment, ...flags, ...managed];
  const resolved = resolveLayers(layers);
  return { ...resolved, notices: [...ignored, ...resolved.notices], problems };
}

const list = (layer: Layer | undefined): Layer[] => (layer === undefined ? [] : [layer]);

/** A file that was found, and what it may do. */
type Located = SettingsFile & Pick<Layer, "source" | "restricted">;

/** The YAML library is loaded only where there is something to parse: most starts have no settings file. */
async function readFileValues(file: string, text: string, source: Layer["source"]): Promise<Layer["values"]> {
  const { readSettings } = await import("./read-file.ts");
  const values = readSettings(file, text);
  return source === "profile" ? asProfile(file, values) : values;
}

function locateUser({ paths }: ConfigSources): Located | undefined {
  const found = findUserFile(paths.config);
  return found === undefined ? undefined : { ...found, source: "user" };
}

function locateProject({ cwd }: ConfigSources, ignored: string[]): Located | undefined {
  const found = findProjectFile(cwd, ignored);
  return found === undefined ? undefined : { ...found, source: "project", restricted: true };
}

/** The last layer that names a profile decides, as with every setting. */
const nameOfProfile = (layers: readonly Layer[]): string | undefined =>
  layers.map(({ values }) => values.get("profile")).findLast((name) => typeof name === "string");

function locateProfile(
  { paths, cwd }: ConfigSources,
  name: string | undefined,
  ignored: string[],
): Located | undefined {
  if (name === undefined) return undefined;
  const found = locateNamedProfile({ paths, cwd }, name, ignored);
  if (found !== undefined) return found;
  const known = [...new Set(listProfiles({ paths, cwd }).map((one) => one.name))];
  const hint =
    known.length === 0
      ? `make one: ${join(paths.config, "profiles", `${name}.yaml`)}`
      : `there are ${known.join(", ")}`;
  throw new TrustError("PROFILE_MISSING", `there is no profile ${name}`, { hint });
}

function locateManaged(folder: string | undefined): Located | undefined {
  const found = folder === undefined ? undefined : findManagedFile(folder);
  return found === undefined ? undefined : { ...found, source: "managed" };
}

/** What a person asked for outright and cannot have is said, not passed over. */
function refuseLocked([managed]: readonly Layer[], asked: readonly Layer[]): void {
  if (managed === undefined) return;
  for (const { source, values } of asked) {
    for (const key of values.keys()) {
      if (key === "deny" || !managed.values.has(key)) continue;
      throw new TrustError("REFUSED", `${key} is locked by ${managed.file}; the ${source} cannot change it`, {
        hint: `trust config explain ${key}`,
      });
    }
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

function flagLayer({ flags: given, profile }: ConfigSources): Layer {
  const flags: ConfigSources["flags"] = profile === undefined ? given : { ...given, profile };
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
