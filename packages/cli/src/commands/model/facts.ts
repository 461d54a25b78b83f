import { type ModelReference, readGgufHeader } from "@trust-cli/core/models";
import { isLoopbackHost } from "@trust-cli/core/protocol";

import type { App } from "../../composition/app.ts";
import { readBuiltInKit } from "../../composition/built-in-kit.ts";
import { kitModelBytes } from "../../composition/kit-model.ts";
import { chooseModel } from "../../composition/model.ts";

/** What is known of a model without loading it. Lengths in tokens; what is not known is absent. */
export interface ModelFacts {
  reference: string;
  name?: string;
  kind: ModelReference["kind"];
  path?: string;
  sizeBytes?: number;
  architecture?: string;
  parameters?: string;
  parameterCount?: number;
  quantization?: string;
  /** The window it was trained for. */
  trainedFor?: number;
  /** The window that it would have here. */
  contextSize?: number;
  hasTemplate?: boolean;
  callsNatively?: boolean;
  /** No text leaves this machine. */
  local: boolean;
}

/** Asks a file's header or a server for a model. Throws when the file is no model, or the server does not have it. */
export function modelFacts(reference: ModelReference, app: App, signal: AbortSignal): Promise<ModelFacts> {
  switch (reference.kind) {
    case "nano":
      return Promise.resolve(fileFacts(reference, readBuiltInKit().path, app));
    case "file":
      return Promise.resolve({ ...fileFacts(reference, reference.path, app), path: reference.path });
    case "ollama":
      return ollamaFacts(reference, app, signal);
    case "server":
      return serverFacts(reference, app, signal);
    case "kit":
      return kitFacts(reference, app);
  }
}

function fileFacts({ id, kind }: ModelReference, path: string, { config }: App): ModelFacts {
  const header = readGgufHeader(path);
  if (!header.ok) throw header.error;
  const { name, sizeBytes, architecture, contextLength, chatTemplate } = header.value;
  return {
    reference: id,
    ...(name === undefined ? {} : { name }),
    kind,
    sizeBytes,
    architecture,
    trainedFor: contextLength,
    ...(config.context.size === undefined ? {} : { contextSize: config.context.size }),
    hasTemplate: chatTemplate !== undefined,
    local: true,
  };
}

async function ollamaFacts(
  { id, url, model }: Extract<ModelReference, { kind: "ollama" }>,
  { config }: App,
  signal: AbortSignal,
): Promise<ModelFacts> {
  const { showOllamaModel } = await import("@trust-cli/core/models/ollama");
  const size = config.context.size === undefined ? {} : { contextSize: config.context.size };
  const options = { url: url.href, model, offline: config.offline, allowRemote: true, ...size };
  const { architecture, parameters, quantization, trainedFor, ...shown } = await showOllamaModel(options, signal);
  return {
    reference: id,
    name: model,
    kind: "ollama",
    ...(architecture === undefined ? {} : { architecture }),
    ...(parameters === undefined ? {} : { parameters, ...countOf(parameters) }),
    ...(quantization === undefined ? {} : { quantization }),
    ...(trainedFor === undefined ? {} : { trainedFor }),
    contextSize: shown.loadedWindow ?? shown.contextSize,
    hasTemplate: shown.hasTemplate,
    callsNatively: shown.callsNatively,
    local: isLoopbackHost(url.hostname) && shown.remoteHost === undefined,
  };
}

/** An OpenAI-compatible server is asked for its list only: that loads nothing. */
async function serverFacts(reference: ModelReference, app: App, signal: AbortSignal): Promise<ModelFacts> {
  const { config, workspace, paths, environment } = app;
  const chosen = await chooseModel({ ...config, model: reference.id }, workspace.root, paths, environment);
  await using port = chosen.port;
  const { name, contextSize, local, parameterCount } = await port.describe(signal);
  const size = parameterCount === undefined ? {} : { parameterCount };
  return { reference: reference.id, name, kind: "server", ...size, contextSize, local };
}

/** Ollama writes it as 4.3B or 270M. */
function countOf(parameters: string): { parameterCount?: number } {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([MB])$/.exec(parameters) ?? [];
  return number === undefined ? {} : { parameterCount: Number(number) * (unit === "B" ? 1e9 : 1e6) };
}

/** Its header is read when the weights are taken out, which can take a while. */
async function kitFacts(
  { id, reference }: Extract<ModelReference, { kind: "kit" }>,
  { paths }: App,
): Promise<ModelFacts> {
  const sizeBytes = await kitModelBytes(reference, paths);
  return { reference: id, kind: "kit", sizeBytes, local: true };
}
