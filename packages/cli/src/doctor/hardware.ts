import { cpus, totalmem } from "node:os";

import { bestThreads, calibrationFile, machineKey, openCalibration, readMachine } from "@trust-cli/core/hardware";
import { type HostDevices, hostDevices } from "@trust-cli/core/models";
import { type ErrorBody, errorBody, isAbort } from "@trust-cli/core/protocol";

import type { App } from "../composition/app.ts";
import { installedBackends } from "../composition/backends.ts";
import { type HostLimits, hostLimits } from "../composition/host-limits.ts";
import { hostBackend, privateHostEntry } from "../composition/locations.ts";

/** What there is to compute with, and what of it local models may use. Sizes in bytes. */
export interface HardwareReport {
  cpu: {
    model: string;
    features: readonly string[];
    /** Logical processors of the whole machine. */
    processors: number;
    /** Of these, the ones that this process may run on. */
    logicalCores: number;
    physicalCores: number;
    performanceCores: number;
    efficiencyCores: number;
    /** What it may keep busy: a container may have less time than processors. */
    cores: number;
  };
  memory: {
    machineBytes: number;
    /** What this process may use of it. */
    memoryBytes: number;
    availableBytes: number;
    swapBytes: number;
    freeSwapBytes: number;
  };
  /** The person's own limits. */
  limits: HostLimits;
  backends: {
    installed: readonly string[];
    chosen: string;
    /** What llama.cpp found, or why it did not start. */
    found: HostDevices | { error: ErrorBody };
  };
  /** What was measured on this machine before. `best`: threads. */
  calibration: readonly { model: string; best: number | undefined; measured: readonly Speed[] }[];
}

interface Speed {
  threads: number;
  tokensPerSecond: number;
}

/** Looks at this machine. Starts a model host of its own, which loads llama.cpp and no model. */
export async function examineHardware({ config, paths }: App, signal: AbortSignal): Promise<HardwareReport> {
  const machine = readMachine();
  const { cpuModel, cpuFeatures, logicalCores, physicalCores, performanceCores, efficiencyCores, cores } = machine;
  const { memoryBytes, availableBytes, swapBytes, freeSwapBytes } = machine;
  const entry = privateHostEntry(config, paths);
  const measured =
    entry.stateDirectory === undefined
      ? []
      : openCalibration(calibrationFile(entry.stateDirectory)).ofMachine(machineKey(machine));
  return {
    cpu: {
      model: cpuModel,
      features: cpuFeatures,
      processors: cpus().length,
      logicalCores,
      physicalCores,
      performanceCores,
      efficiencyCores,
      cores,
    },
    memory: { machineBytes: totalmem(), memoryBytes, availableBytes, swapBytes, freeSwapBytes },
    limits: hostLimits(config),
    backends: {
      installed: installedBackends(paths.data),
      chosen: hostBackend(config),
      found: await hostDevices(entry, signal).catch(failed),
    },
    calibration: measured.map((entryOfModel) => ({ ...entryOfModel, best: bestThreads(entryOfModel.measured) })),
  };
}

function failed(error: unknown): { error: ErrorBody } {
  if (isAbort(error)) throw error;
  return { error: errorBody(error) };
}
