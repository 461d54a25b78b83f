import { readFile } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";

import { readMachine } from "@trust-cli/core/hardware";
import {
  checkText,
  type Divergence,
  type Quantized,
  quantizeModel,
  type SizeEstimate,
} from "@trust-cli/core/models/quantize";
import { shellWord, TrustError } from "@trust-cli/core/protocol";

import { llamaToolPlace } from "../../composition/llama-tools.ts";
import { loadSettings, type Settings } from "../../composition/settings.ts";
import { namedWeightsPath } from "../../composition/weights-path.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { sizeText } from "../kit/progress-line.ts";
import { statusLine } from "./status-line.ts";

export type QuantizeOptions = SharedOptions & { type: string; text?: string; check: boolean; force?: boolean };

const steps = { reading: "Reading with the original", quantizing: "Quantising", comparing: "Comparing" } as const;

/** `trust model quantize`: a smaller copy of a model, and what it lost. */
export async function quantize(source: string, target: string, options: QuantizeOptions): Promise<number> {
  const settings = await loadSettings(options);
  using interrupt = interruptSignal();
  const { signal } = interrupt;
  const text = options.check ? await textOf(options.text, settings) : undefined;
  using line = statusLine();
  const result = await quantizeModel(
    {
      source: await namedWeightsPath(source, settings, signal),
      target: inFolder(target, settings),
      type: options.type,
      tools: llamaToolPlace(settings.paths, settings.environment),
      text,
      threads: readMachine().cores,
      overwrite: options.force === true,
      onEstimate: (estimate) => {
        if (options.json !== true) announce(estimate);
      },
      onProgress: (step, fraction) => line.show(`${steps[step]} ${Math.round(fraction * 100)} %`),
    },
    signal,
  );
  printResult(options.json, result, () => resultLines(result, options.text));
  return 0;
}

function announce({ bytes, bitsPerWeight, notes }: SizeEstimate): void {
  writeNotice(`The result will take about ${sizeText(bytes)}, ${bitsPerWeight} bits a weight.`);
  for (const note of notes) writeNotice(`Note: ${note}.`);
}

const inFolder = (path: string, { workspace }: Settings): string =>
  isAbsolute(path) ? path : resolve(workspace.root, path);

async function textOf(named: string | undefined, settings: Settings): Promise<string> {
  if (named === undefined) return checkText;
  const path = inFolder(named, settings);
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
    throw new TrustError("INPUT_INVALID", `the text ${path} ${why}`, { cause });
  }
}

function resultLines(result: Quantized, text: string | undefined): string {
  const { path, type, sizeBytes, sourceBytes, estimatedBytes, bitsPerWeight, divergence } = result;
  const share = Math.round((sizeBytes / sourceBytes) * 100);
  const missed = ((estimatedBytes / sizeBytes - 1) * 100).toFixed(1);
  const rows = [
    ["type", `${type}, ${bitsPerWeight} bits a weight`],
    ["size", `${sizeText(sizeBytes)}, ${share} % of ${sizeText(sourceBytes)} (the estimate was ${missed} % off)`],
    ...(divergence === undefined ? [] : divergenceRows(divergence, text)),
  ];
  const table = rows.map(([name, value]) => `${(name ?? "").padEnd(15)} ${value}\n`).join("");
  return `${path}\n${table}  trust -m ${shellWord(path)}\n`;
}

function divergenceRows(divergence: Divergence, text: string | undefined): string[][] {
  const { perplexityBefore, perplexityAfter, klDivergence, sameTopToken, tokens } = divergence;
  const change = ((perplexityAfter / perplexityBefore - 1) * 100).toFixed(1);
  return [
    ["perplexity", `${perplexityBefore.toFixed(3)} before, ${perplexityAfter.toFixed(3)} after (${change} %)`],
    ["KL divergence", `${klDivergence.toFixed(4)} on average`],
    ["same top token", `${(sameTopToken * 100).toFixed(1)} % of ${tokens} places`],
    ["compared on", text ?? "a text of prose and code that comes with Trust"],
  ];
}
