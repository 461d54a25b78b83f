import type { LoadPlan } from "@trust-cli/core/hardware";
import { fitModel, hostDevices, type ModelFit, sharedHostStatus } from "@trust-cli/core/models";
import { errorBody, errorKinds, exitStatus, sizeText } from "@trust-cli/core/protocol";

import { hostLimits } from "../../composition/host-limits.ts";
import { hostBackend, privateHostEntry, sharedHost } from "../../composition/locations.ts";
import { loadSettings, type Settings } from "../../composition/settings.ts";
import { namedWeightsPath } from "../../composition/weights-path.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";

/** `trust model fit`: the plan that the model host would make now, without loading anything. */
export async function showFit(named: string, options: SharedOptions & { context?: number }): Promise<number> {
  const settings = await loadSettings(options);
  const { config, paths } = settings;
  using interrupt = interruptSignal();
  const { signal } = interrupt;
  const path = await namedWeightsPath(named, settings, signal);
  const contextSize = options.context ?? config.context.size;
  const entry = privateHostEntry(config, paths);
  // Only a process that loaded the driver can say what a GPU has free.
  const gpu = hostBackend(config) === "cpu" ? undefined : (await hostDevices(entry, signal)).gpu;
  const wish = { ...hostLimits(config), ...(contextSize === undefined ? {} : { contextSize }) };
  const fit = fitModel({ path, wish, gpu, stateDirectory: entry.stateDirectory });
  const assumed = await assumptions(fit, settings, signal);
  if (!fit.fits && options.json !== true) throw fit.error;
  printResult(options.json, jsonValue(named, path, fit, assumed), () => fitLines(fit, assumed));
  return fit.fits ? exitStatus.done : exitStatus[errorKinds[fit.error.code]];
}

/** What the plan takes for granted, in sentences. */
async function assumptions({ machine }: ModelFit, { config, paths }: Settings, signal: AbortSignal): Promise<string[]> {
  const { availableBytes, memoryBytes } = machine;
  const said = [`Memory as it is now: ${sizeText(availableBytes)} of ${sizeText(memoryBytes)} can be had.`];
  if (hostBackend(config) === "cpu") said.push("No GPU backend is set (host.backend), so everything is on the CPU.");
  const running = config.host.shared ? await sharedHostStatus(sharedHost(config, paths), signal) : undefined;
  const models = running?.models.length ?? 0;
  if (models > 0) {
    const who = models === 1 ? "The model that is" : `The ${models} models that are`;
    said.push(`${who} in memory already would stay; an idle one leaves when another needs its room.`);
  }
  return said;
}

function jsonValue(model: string, path: string, fit: ModelFit, assumed: readonly string[]): unknown {
  const { machine, facts } = fit;
  const { memoryBytes, availableBytes, cores, performanceCores } = machine;
  const value = {
    fits: fit.fits,
    model,
    path,
    architecture: facts.architecture,
    trainedFor: facts.contextLength,
    machine: { memoryBytes, availableBytes, cores, performanceCores },
    assumed,
  };
  return fit.fits ? { ...value, plan: fit.plan } : { ...value, error: errorBody(fit.error), remedies: fit.remedies };
}

function fitLines(fit: ModelFit, assumed: readonly string[]): string {
  if (!fit.fits) return "";
  const { facts, plan } = fit;
  const rows = [["fits", facts.name ?? facts.architecture], ...planRows(plan, facts.layers.length + 1)];
  const table = rows.map(([name = "", value]) => `${name.padEnd(15)} ${value}\n`).join("");
  return `${table}${[...plan.reasons, ...assumed].map((sentence) => `  ${sentence}\n`).join("")}`;
}

function planRows(plan: LoadPlan, offloadable: number): string[][] {
  const { ramBytes, vramBytes, mappedBytes, weightsBytes, kvBytes, computeBytes } = plan;
  const mapped = mappedBytes > 0 ? `, ${sizeText(mappedBytes)} of it mapped from the file` : "";
  return [
    ["computes on", plan.backend === "cpu" ? "cpu" : `${plan.backend}, ${plan.gpuLayers} of ${offloadable} layers`],
    ["window", `${plan.contextSize} tokens${plan.sequences > 1 ? `, each of ${plan.sequences} conversations` : ""}`],
    ["keys and values", `${plan.kvType}, ${sizeText(kvBytes)}`],
    ["weights", sizeText(weightsBytes)],
    ["scratch", sizeText(computeBytes)],
    ["memory", `${sizeText(ramBytes)}${mapped}`],
    ...(vramBytes > 0 ? [["GPU memory", sizeText(vramBytes)]] : []),
    ["batch", `${plan.batchSize} tokens`],
    ["attention", plan.flashAttention ? "flash" : "plain"],
    ["reads by", plan.useDirectIo ? "direct I/O" : plan.useMmap ? "mapping the file" : "copying"],
    ["threads", String(plan.threads)],
  ];
}
