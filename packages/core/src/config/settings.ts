import * as z from "zod";

import { parseSize } from "../protocol/size-text.ts";
import { type ScaffoldLines, scaffoldSettings } from "./scaffold-settings.ts";

const modes = ["plan", "ask", "edit", "auto"] as const;

/** What a project's own files may do with a setting, given the value below: a repository only tightens. */
type ProjectRule = "never" | "any" | "stricter-mode" | "only-true" | "only-lower" | "only-fewer";

export interface Setting {
  schema: z.ZodType;
  default?: unknown;
  description: string;
  project: ProjectRule;
  /** Values of all layers are joined instead of the last one winning. */
  joins?: true;
}

const text = z.string().min(1);
const rules = z.array(text);
const count = z.int().positive();
/** A file name without its extension; never a path. */
const profileName = z.string().regex(/^[\w-][\w.-]*$/, "a profile's name is letters, digits, dots and dashes");
const size = z.string().refine((written) => parseSize(written) !== undefined, "a size is written such as 8GiB or 512M");
const longestInstructions = 8000;

/** Every setting there is. Files, variables, documentation and errors all derive from this table. */
const settings = {
  model: {
    schema: text,
    default: "nano",
    description:
      "the model: nano, a path to a GGUF file, kit://NAME, ollama/NAME, or the URL of an OpenAI-compatible server",
    project: "never",
  },
  mode: {
    schema: z.enum(modes),
    default: "ask",
    description: "plan: read only; ask: changes and commands ask; edit: commands ask; auto: nothing asks",
    project: "stricter-mode",
  },
  allow: {
    schema: rules,
    default: [],
    description: "calls that need not ask, such as run_command(npm test)",
    project: "never",
    joins: true,
  },
  deny: {
    schema: rules,
    default: [],
    description: "calls that are always refused, such as read_file(.env)",
    project: "any",
    joins: true,
  },
  profile: {
    schema: profileName,
    description: "the profile in use when --profile names none",
    project: "never",
  },
  tools: {
    schema: rules,
    description: "the tools that the model is offered, by name; all of them when not set",
    project: "only-fewer",
  },
  instructions: {
    schema: z.string().max(longestInstructions),
    description: "text for the model, after its own system text",
    project: "any",
  },
  offline: {
    schema: z.boolean(),
    default: false,
    description: "block every connection beyond this machine",
    project: "only-true",
  },
  apiKeyVariable: {
    schema: text,
    description: "the environment variable that holds the server's key",
    project: "never",
  },
  "fallback.models": {
    schema: rules,
    default: [],
    description: "models to go on with, in this order, when the one in use dies or does not answer",
    project: "never",
  },
  "fallback.remote": {
    schema: z.boolean(),
    default: false,
    description: "a model elsewhere may go on for one on this machine: text then leaves it",
    project: "never",
  },
  "escalation.model": {
    schema: text,
    description: "a larger model that takes over when the one in use goes in circles or cannot write calls",
    project: "never",
  },
  "escalation.remote": {
    schema: z.boolean(),
    default: false,
    description: "a model elsewhere may take over for one on this machine: text then leaves it",
    project: "never",
  },
  "context.size": { schema: count, description: "tokens of context to allocate for a local model", project: "never" },
  "host.threads": {
    schema: count,
    description: "threads for local models; otherwise as many as cores are free",
    project: "never",
  },
  "host.maxRam": {
    schema: size,
    description: "memory that all local models may use together, such as 8GiB",
    project: "never",
  },
  "host.maxVram": {
    schema: size,
    description: "GPU memory that all local models may use together, such as 6GiB",
    project: "never",
  },
  "host.backend": {
    schema: z.enum(["cpu", "vulkan", "cuda", "metal"]),
    description: "what llama.cpp computes on",
    project: "never",
  },
  "host.shared": {
    schema: z.boolean(),
    default: true,
    description: "one process runs the local models of all your terminals, hooks and editors",
    project: "never",
  },
  "host.idleMinutes": {
    schema: z.number().positive(),
    default: 15,
    description: "minutes that this process stays when nobody uses it",
    project: "never",
  },
  "host.keepMinutes": {
    schema: z.number().nonnegative(),
    default: 15,
    description: "minutes that a local model stays in memory when nobody uses it",
    project: "never",
  },
  "host.pin": {
    schema: z.boolean(),
    default: false,
    description: "the model stays in memory, until trust model unload or the end of its host",
    project: "never",
  },
  "host.adapters": {
    schema: rules,
    default: [],
    description: "LoRA adapters for the model, as GGUF files; adapter.gguf=0.5 takes half of one",
    project: "never",
  },
  "host.draft": {
    schema: text,
    description: "a small GGUF file of the same family that guesses ahead for the model",
    project: "never",
  },
  "limits.steps": {
    schema: count,
    default: 25,
    description: "replies of the model in one turn",
    project: "only-lower",
  },
  "limits.minutes": {
    schema: z.number().positive(),
    default: 30,
    description: "minutes one turn may take",
    project: "only-lower",
  },
  "limits.outputTokens": {
    schema: count,
    description: "tokens the model may write in one turn",
    project: "only-lower",
  },
  "limits.commandSeconds": {
    schema: count,
    default: 120,
    description: "seconds a command may run",
    project: "only-lower",
  },
  ...scaffoldSettings,
  "index.embeddings": {
    schema: text,
    description: "a GGUF file or kit://NAME whose vectors let the code be searched by meaning, too",
    project: "never",
  },
  "hooks.seconds": {
    schema: z.number().positive(),
    default: 10,
    description: "seconds a Git hook may take before it steps aside",
    project: "only-lower",
  },
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof settings;
export const settingKeys = Object.keys(settings) as SettingKey[];

/** The settings as the program uses them: plain and frozen. */
export interface Config {
  model: string;
  mode: (typeof modes)[number];
  allow: readonly string[];
  deny: readonly string[];
  profile?: string | undefined;
  tools?: readonly string[] | undefined;
  instructions?: string | undefined;
  offline: boolean;
  apiKeyVariable?: string | undefined;
  fallback: { models: readonly string[]; remote: boolean };
  escalation: { model?: string | undefined; remote: boolean };
  context: { size?: number | undefined };
  host: {
    threads?: number | undefined;
    maxRam?: string | undefined;
    maxVram?: string | undefined;
    backend?: "cpu" | "vulkan" | "cuda" | "metal" | undefined;
    shared: boolean;
    idleMinutes: number;
    keepMinutes: number;
    pin: boolean;
    adapters: readonly string[];
    draft?: string | undefined;
  };
  limits: { steps: number; minutes: number; outputTokens?: number | undefined; commandSeconds: number };
  scaffold: ScaffoldLines;
  index: { embeddings?: string | undefined };
  hooks: { seconds: number };
}

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(settings, key);
}

/** The setting as the general type, whatever its key. */
export const settingFor = (key: SettingKey): Setting => settings[key];

/** May a project's file put `value` in place of `below`? */
export function projectMaySet(key: SettingKey, value: unknown, below: unknown): boolean {
  switch (settingFor(key).project) {
    case "never":
      return false;
    case "any":
      return true;
    case "stricter-mode":
      return modes.findIndex((mode) => mode === value) <= modes.findIndex((mode) => mode === below);
    case "only-true":
      return value === true;
    case "only-lower":
      return typeof value === "number" && (typeof below !== "number" || value <= below);
    case "only-fewer":
      return Array.isArray(value) && (!Array.isArray(below) || value.every((one) => below.includes(one)));
  }
}
