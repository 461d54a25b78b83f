import { posix } from "node:path";

import type { Tool, ToolOutcome } from "@trust-cli/core/ports";
import { ok, type Result, type TrustError } from "@trust-cli/core/protocol";
import type * as z from "zod";

import { inputCheck, type PluginManifest, type PluginToolManifest } from "../manifest/index.ts";

type Input = Record<string, unknown>;

/** A tool of a plugin. `origin` says whose it is, for people. */
export interface PluginTool extends Tool<Input> {
  origin: string;
}

/** Calls a tool by its name; starts what is needed for that. */
export type CallPlugin = (call: {
  tool: PluginToolManifest;
  input: Input;
  signal: AbortSignal;
  onLog: (text: string) => void;
}) => Promise<Result<unknown>>;

export interface ResultLimits {
  resultLines: number;
  resultBytes: number;
}

/** The tools of a manifest as the engine sees tools. Nothing of the plugin is loaded before the first call. */
export function pluginTools(manifest: PluginManifest, limits: ResultLimits, call: CallPlugin): PluginTool[] {
  return manifest.contributes.tools.map((tool) => toolOf(manifest.id, tool, limits, call));
}

function toolOf(plugin: string, tool: PluginToolManifest, limits: ResultLimits, call: CallPlugin): PluginTool {
  let check: z.ZodType<Input> | undefined;
  return {
    origin: `plugin ${plugin}`,
    name: tool.name,
    description: tool.description,
    risk: tool.annotations.readOnly ? "read" : "change",
    /** Made at the first use: a start with many plugins should not wait for it. */
    get input() {
      return (check ??= inputCheck(tool.inputSchema));
    },
    subject: (input) => subjectOf(tool, input),
    prepare: (input) => {
      const run = async (signal: AbortSignal, onOutput: (delta: string) => void): Promise<ToolOutcome> => {
        const result = await call({ tool, input, signal, onLog: (text) => onOutput(`${text}\n`) });
        return result.ok ? outcomeOf(result.value, tool, limits) : failed(result.error);
      };
      return Promise.resolve(ok({ run }));
    },
  };
}

/**
 * The first argument that is text, in the order of the manifest. For a change the tool's name stands before it, like a
 * folder: a yes for the session then covers this tool, and never the files of a workspace folder.
 */
function subjectOf({ name, inputSchema, annotations }: PluginToolManifest, input: Input): string {
  const values = Object.keys(inputSchema.properties).map((property) => input[property]);
  const text = values.find((value) => typeof value === "string") ?? "";
  return annotations.readOnly ? text : `${name}${posix.normalize(`/${text}`)}`;
}

function outcomeOf(value: unknown, { maxResultBytes }: PluginToolManifest, limits: ResultLimits): ToolOutcome {
  const whole = typeof value === "string" ? value : JSON.stringify(value);
  const text = cut(whole, Math.min(maxResultBytes, limits.resultBytes), limits.resultLines);
  const lines = whole.split("\n").length;
  return { status: "ok", text, summary: lines === 1 ? "1 line" : `${lines} lines` };
}

function cut(text: string, bytes: number, lines: number): string {
  const kept = Buffer.from(text.split("\n").slice(0, lines).join("\n"));
  if (kept.length <= bytes && kept.length === Buffer.byteLength(text)) return text;
  const short = kept
    .subarray(0, bytes)
    .toString("utf8")
    .replace(/\uFFFD$/, "");
  return `${short}\n... the rest was cut: the result has ${Buffer.byteLength(text)} bytes`;
}

function failed(error: TrustError): ToolOutcome {
  const hint = error.hint === undefined ? "" : `. ${error.hint}`;
  return { status: "failed", text: `error: ${error.message}${hint}`, summary: "failed" };
}
