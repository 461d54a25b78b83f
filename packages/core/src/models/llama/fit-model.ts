import { type GpuFacts, type LoadPlan, planLoad, readMachine, remedies } from "../../hardware/index.ts";
import type { LoadWish, Machine, ModelFacts } from "../../hardware/index.ts";
import type { TrustError } from "../../protocol/errors.ts";
import { readModelFacts } from "../gguf/index.ts";
import { CrashJournal } from "./host/crash-journal.ts";

/** How a model would lie in memory; or why it does not fit, and what would, in words. */
export type ModelFit = { facts: ModelFacts; machine: Machine } & (
  | { fits: true; plan: LoadPlan }
  | { fits: false; error: TrustError; remedies: readonly string[] }
);

export interface FitOptions {
  path: string;
  wish: LoadWish;
  /** As a model host measured it; undefined for a plan on the CPU. */
  gpu: GpuFacts | undefined;
  /** Where model hosts noted with how many layers on the GPU they died. */
  stateDirectory: string | undefined;
}

/**
 * Plans as the model host would at this moment, with no other model in memory. Loads nothing. Throws MODEL_MISSING and
 * MODEL_INVALID for a file that cannot be used, and for a wish that no memory would grant.
 */
export function fitModel({ path, wish: asked, gpu, stateDirectory }: FitOptions): ModelFit {
  const read = readModelFacts(path);
  if (!read.ok) throw read.error;
  const facts = read.value;
  const machine = readMachine();
  const failedGpuLayers = stateDirectory === undefined ? [] : new CrashJournal(stateDirectory).failures(path);
  const wish = { ...asked, failedGpuLayers };
  const planned = planLoad(facts, machine, gpu, wish);
  if (planned.ok) return { facts, machine, fits: true, plan: planned.value };
  const { error } = planned;
  if (error.code !== "MODEL_FAILED") throw error;
  const words = remedies({ facts, machine, gpu, wish }).map((remedy) => remedy.words);
  return { facts, machine, fits: false, error, remedies: words };
}
