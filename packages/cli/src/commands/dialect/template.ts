import { readFileSync } from "node:fs";
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
import { readBuiltInKit } from "../../composition/built-in-kit.ts";
import { hostEntry, templateWorker } from "../../composition/locations.ts";
import type { Settings } from "../../composition/settings.ts";
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
  const native = createNativeRenderer(hostEntry(join(settings.paths.data, "backends")));
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

/** The template that the flags name, or that of the model in use. */
export async function namedTemplate(
  flags: TemplateFlags,
  { config, workspace, environment }: Settings,
): Promise<NamedTemplate> {
  if (flags.template !== undefined) {
    const path = resolve(workspace.root, flags.template);
    return {
      name: basename(path),
      context: { template: readText(path), specialTokens: [], bosToken: "", eosToken: "" },
    };
  }
  const reference = await resolveModelReference(config.model, { cwd: workspace.root, environment });
  const path =
    reference.kind === "nano" ? readBuiltInKit().path : reference.kind === "file" ? reference.path : undefined;
  if (path === undefined) {
    throw new TrustError(
      "USAGE",
      `${reference.id} is no file on this machine, so its chat template is not known here`,
      {
        hint: "trust dialect show -m ./model.gguf, or --template FILE",
      },
    );
  }
  const header = readGgufHeader(path);
  if (!header.ok) throw header.error;
  const { chatTemplate: template, specialTokens } = header.value;
  if (template === undefined) throw new TrustError("MODEL_INVALID", `${basename(path)} has no chat template`);
  return { name: reference.id, context: { template, specialTokens, bosToken: "", eosToken: "" } };
}

/** Throws FILE_MISSING in words for a file that cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new TrustError("USAGE", `${path} cannot be read`, { hint: "give the path of a text file", cause });
  }
}
