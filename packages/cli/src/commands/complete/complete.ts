import { relative, resolve } from "node:path";

import type { InfillModel } from "@trust-cli/core/models";
import { TrustError } from "@trust-cli/core/protocol";
import { slashes } from "@trust-cli/core/workspace";

import { openInfillModel } from "../../composition/infill.ts";
import { loadSettings, type Settings } from "../../composition/settings.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { statusLine } from "../model/status-line.ts";
import { readCode, splitAt } from "./cursor.ts";
import { serveCompletions } from "./serve.ts";
import { usualTokens, writeCompletion } from "./write-completion.ts";

export type CompleteOptions = SharedOptions & {
  line?: number;
  column?: number;
  with?: string[];
  maxTokens?: number;
  stdio?: boolean;
};

/** `trust complete`: once for a file, or for an editor as long as it asks. */
export async function complete(file: string | undefined, options: CompleteOptions): Promise<number> {
  if (options.stdio === true) return serve(file, options);
  const { line } = options;
  if (file === undefined || line === undefined) throw usage("name a file and the cursor's line");
  const settings = await loadSettings(options);
  for (const notice of settings.resolved.notices) writeNotice(notice);
  using interrupt = interruptSignal();
  const { signal } = interrupt;
  const own = await fileNamed(file, settings);
  const { prefix, suffix } = splitAt(own.text, file, { line, column: options.column });
  const files = await Promise.all((options.with ?? []).map((other) => fileNamed(other, settings)));
  await using model = await openInfillModel(settings, signal);
  await load(model, signal);
  const maxTokens = options.maxTokens ?? usualTokens;
  const written = await writeCompletion(model, { path: own.path, prefix, suffix, files, maxTokens }, signal);
  signal.throwIfAborted();
  printResult(options.json, written, () => `${written.text}${written.text.endsWith("\n") ? "" : "\n"}`);
  return 0;
}

async function serve(file: string | undefined, options: CompleteOptions): Promise<number> {
  const named = [file, options.line, options.column, options.with, options.maxTokens, options.json];
  if (named.some((value) => value !== undefined)) throw usage("--stdio takes everything from the requests");
  const settings = await loadSettings(options);
  for (const notice of settings.resolved.notices) writeNotice(notice);
  using interrupt = interruptSignal();
  const { signal } = interrupt;
  await using model = await openInfillModel(settings, signal);
  await load(model, signal);
  await serveCompletions(model, process.stdin, signal);
  return 0;
}

async function load(model: InfillModel, signal: AbortSignal): Promise<void> {
  using line = statusLine();
  await model.describe(signal, (fraction) => line.show(`Loading the model ${Math.round(fraction * 100)} %`));
}

/** A file with the name that the model is told: as it is called from the workspace. */
async function fileNamed(name: string, { workspace }: Settings): Promise<{ path: string; text: string }> {
  const place = resolve(workspace.root, name);
  return { path: slashes(relative(workspace.root, place)), text: await readCode(place, name) };
}

const usage = (message: string): TrustError => new TrustError("USAGE", message, { hint: "trust complete --help" });
