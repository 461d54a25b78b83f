import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createLlamaModel, type LlamaModel, type LlamaModelOptions } from "../../../src/models/llama/llama-model.ts";
import type { ModelRequest } from "../../../src/ports/index.ts";
import type { ModelEvent } from "../../../src/protocol/index.ts";
import {
  randomGguf,
  type RandomGgufOptions,
  scriptedGguf,
  type ScriptedGgufOptions,
  temporaryWorkspace,
} from "../../../src/testing/index.ts";

const hostFile = fileURLToPath(new URL("../../../src/models/llama/host/main.ts", import.meta.url));

/** The real model host, run from source. */
export const hostEntry = { command: process.execPath, args: ["--conditions=@trust-cli/source", hostFile] };
const workerFile = fileURLToPath(new URL("../../../src/models/templates/worker.ts", import.meta.url));

/** The real thread for chat templates, run from source. */
export const templateWorker = { path: workerFile, execArgv: ["--conditions=@trust-cli/source"] };
export const nanoFile = fileURLToPath(new URL("../../../nano/nano.gguf", import.meta.url));

export type BenchOptions = Partial<Omit<LlamaModelOptions, "spec">> & { contextSize?: number };

/** A model of this file in a real host process. */
export function openModel(path: string, { contextSize, ...more }: BenchOptions = {}): LlamaModel {
  return createLlamaModel({
    entry: hostEntry,
    id: "test",
    spec: { path, threads: 1, ...(contextSize === undefined ? {} : { contextSize }) },
    templates: { entry: templateWorker },
    constrainedCalls: false,
    parallelCalls: false,
    ...more,
  });
}

export interface ScriptedLlama extends AsyncDisposable {
  model: LlamaModel;
  path: string;
}

/** A model that says a script, in a real host process. */
export async function scriptedLlama(script: ScriptedGgufOptions, options: BenchOptions = {}): Promise<ScriptedLlama> {
  const folder = await temporaryWorkspace();
  const path = join(folder.path, "scripted.gguf");
  await scriptedGguf(path, script);
  const model = openModel(path, options);
  return {
    model,
    path,
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A model of random weights, in a real host process. */
export async function randomLlama(weights: RandomGgufOptions, options: BenchOptions = {}): Promise<ScriptedLlama> {
  const folder = await temporaryWorkspace();
  const path = join(folder.path, "random.gguf");
  await randomGguf(path, weights);
  const model = openModel(path, options);
  return {
    model,
    path,
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Text in chunks of a few characters: the tokens of a scripted model. */
export const chunked = (text: string): string[] => text.match(/.{1,7}/gsu) ?? [];

/** Chunks that differ from each other, so that a gap or a repetition in the text shows. */
export const countingChunks = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}, `);

export const never = (): AbortSignal => new AbortController().signal;

export const request = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [
    { role: "system", text: "You help." },
    { role: "user", text },
  ],
  tools: [],
  toolChoice: "auto",
  maxTokens: 512,
  sampling: { temperature: 0 },
  ...more,
});

/** Every event of a reply; `watch` sees each before the next is asked for. */
export async function replyTo(
  model: LlamaModel,
  asked: ModelRequest,
  { signal = never(), watch }: { signal?: AbortSignal; watch?: (event: ModelEvent) => void | Promise<void> } = {},
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(asked, signal)) {
    events.push(event);
    await watch?.(event);
  }
  return events;
}

export const textOf = (events: readonly ModelEvent[]): string =>
  events.flatMap((event) => (event.type === "text-delta" ? [event.delta] : [])).join("");

export const ofType = <T extends ModelEvent["type"]>(events: readonly ModelEvent[], type: T) =>
  events.filter((event): event is Extract<ModelEvent, { type: T }> => event.type === type);

export const finishOf = (events: readonly ModelEvent[]) => ofType(events, "finish").at(-1);

/** Resolves when no process has this id any more. */
export async function gone(pid: number | undefined): Promise<boolean> {
  if (pid === undefined) throw new Error("there is no process");
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  return true;
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
