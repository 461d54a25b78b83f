import type { TrustError } from "../protocol/errors.ts";
import { type Config, projectMaySet, type SettingKey, settingFor, settingKeys } from "./settings.ts";

export type LayerSource = "default" | "user" | "project" | "profile" | "environment" | "flag" | "managed";

/**
 * One source of settings. `restricted`: it comes with a repository and may only tighten. The managed layer, which the
 * machine's administrator wrote, locks every key that it sets.
 */
export interface Layer {
  source: LayerSource;
  file?: string;
  restricted?: true;
  values: ReadonlyMap<SettingKey, unknown>;
}

/** The settings in force, with where each came from and what was ignored. */
export interface ResolvedConfig {
  config: Config;
  /** Lowest first; values that a restricted layer may not set are left out. */
  layers: readonly Layer[];
  notices: string[];
  /** Mistakes that were passed over, by a tolerant load only. */
  problems: readonly TrustError[];
}

export interface ConfigExplanation {
  source: LayerSource;
  file?: string;
  value: unknown;
  /** This layer's value is in force, alone or as a part of a joined list. */
  won: boolean;
}

export function defaultLayer(): Layer {
  const values = new Map<SettingKey, unknown>();
  for (const key of settingKeys) {
    const { default: value } = settingFor(key);
    if (value !== undefined) values.set(key, value);
  }
  return { source: "default", values };
}

/** Merges layers, lowest first. Nested settings merge by key, so a partial file never drops a default. */
export function resolveLayers(layers: readonly Layer[]): Omit<ResolvedConfig, "problems"> {
  const merged = new Map<SettingKey, unknown>();
  const notices: string[] = [];
  const accepted: Layer[] = [];
  const managed = layers.find(({ source }) => source === "managed");
  for (const layer of layers) {
    const values = new Map<SettingKey, unknown>();
    for (const [key, value] of layer.values) {
      if (managed !== undefined && isLocked(managed, layer, key)) {
        const place = layer.file ?? layer.source;
        if (layer.source !== "default") notices.push(`${place} sets ${key}, which ${managed.file} locks: ignored`);
        continue;
      }
      if (layer.restricted === true && !projectMaySet(key, value, merged.get(key))) {
        notices.push(`${layer.file ?? layer.source} sets ${key}, which a project may not: ignored`);
        continue;
      }
      values.set(key, value);
      merged.set(key, settingFor(key).joins === true ? join(merged.get(key), value) : value);
    }
    accepted.push({ ...layer, values });
  }
  return { config: toConfig(merged), layers: accepted, notices };
}

/** More may be denied than the administrator denies; nothing else may be added. */
const isLocked = (managed: Layer, layer: Layer, key: SettingKey): boolean =>
  layer !== managed && key !== "deny" && managed.values.has(key);

const join = (below: unknown, value: unknown): unknown[] => [...list(below), ...list(value)];
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** There also where nothing in them is set. */
const groups = [...new Set(settingKeys.flatMap((key) => (key.includes(".") ? [key.slice(0, key.indexOf("."))] : [])))];

/** `limits.steps` becomes `{limits: {steps}}`. Every value was checked by its schema when it was read. */
function toConfig(values: ReadonlyMap<SettingKey, unknown>): Config {
  const config: Record<string, unknown> = Object.fromEntries(groups.map((group) => [group, {}]));
  for (const [key, value] of values) {
    const [group, name] = key.split(".");
    if (name === undefined || group === undefined) config[key] = Object.freeze(value);
    else (config[group] as Record<string, unknown>)[name] = value;
  }
  for (const value of Object.values(config)) Object.freeze(value);
  return Object.freeze(config) as unknown as Config;
}

export function explainLayers({ layers }: ResolvedConfig, key: SettingKey): ConfigExplanation[] {
  const holding = layers.filter(({ values }) => values.has(key));
  const joins = settingFor(key).joins === true;
  return holding.map(({ source, file, values }, index) => ({
    source,
    ...(file === undefined ? {} : { file }),
    value: values.get(key),
    won: joins || index === holding.length - 1,
  }));
}
