import { readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, join, resolve } from "node:path";

import type { TemplateContext } from "@trust-cli/core/dialects";
import {
  type ChatTemplate,
  createFormatCache,
  createNativeRenderer,
  openChatTemplate,
  readGgufHeader,
  resolveModelReference,
  TemplateEngine,
} from "@trust-cli/core/models";
import { TrustError } from "@trust-cli/core/protocol";

import { createAppToLook } from "../../composition/app.ts";
import { privateHostEntry, templateWorker } from "../../composition/locations.ts";
import type { Settings } from "../../composition/settings.ts";
import { weightsPath } from "../../composition/weights-path.ts";
import type { SharedOptions } from "../command.ts";

export type TemplateFlags = SharedOptions & { template?: string };

/** What the commands on dialects work with; it holds a thread, and a model host where a template needs one. */
export interface DialectTools extends AsyncDisposable {
  settings: Settings;
  engine: TemplateEngine;
  open(context: TemplateContext, signal: AbortSignal): Promise<ChatTemplate>;
}

export async function dialectTools(flags: SharedOptions): Promise<DialectTools> {
  const settings = await createAppToLook(flags);
  const native = createNativeRenderer(privateHostEntry(settings.config, settings.paths));
  const engine = new TemplateEngine({ entry: templateWorker(), native: native.render });
  const cache = createFormatCache(join(settings.paths.cache, "chat-templates"));
  return {
    settings,
    engine,
    open: (context, signal) => openChatTemplate(context, { engine, cache }, signal),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await native[Symbol.asyncDispose]();
    },
  };
}

export interface NamedTemplate {
  name: string;
  context: TemplateContext;
}

/** The template that the flags name, or that of the model in use. A kit's weights are taken out of it for that. */
export async function namedTemplate(
  flags: TemplateFlags,
  { config, workspace, environment, paths }: Settings,
  signal: AbortSignal,
): Promise<NamedTemplate> {
  if (flags.template !== undefined) {
    const path = resolve(workspace.root, flags.template);
    return {
      name: basename(path),
      context: { template: readText(path), specialTokens: [], bosToken: "", eosToken: "" },
    };
  }
  const reference = await resolveModelReference(config.model, { cwd: workspace.root, environment });
  const path = await weightsPath(reference, paths, signal);
  if (path === undefined) {
    throw new TrustError(
      "USAGE",
      `${reference.id} is no file on this machine, so its chat template is not known here`,
      { hint: "give its template with --template FILE, or a model file with -m ./model.gguf" },
    );
  }
  const header = readGgufHeader(path);
  if (!header.ok) throw header.error;
  const { chatTemplate: template, specialTokens } = header.value;
  if (template === undefined) throw new TrustError("MODEL_INVALID", `${reference.id} has no chat template`);
  return { name: reference.id, context: { template, specialTokens, bosToken: "", eosToken: "" } };
}

/** Throws USAGE for a file that cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** A file to be read piece by piece. Throws USAGE for one that cannot be read, and for a folder. */
export async function openText(path: string): Promise<FileHandle> {
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!(await file.stat()).isDirectory()) return file;
  await file.close();
  throw unreadable(path);
}

const unreadable = (path: string, cause?: unknown): TrustError =>
  new TrustError("USAGE", `${path} cannot be read`, { hint: "give the path of a text file", cause });
