import {
  type GpuFacts,
  type LoadPlan,
  type ModelFacts,
  planLoad,
  readMachine,
  type ResidentMemory,
} from "../../../hardware/index.ts";
import type { HostDevices, HostLoad } from "../../../protocol/host.ts";
import { type GgufHeader, readModel } from "../../gguf/index.ts";
import type { Llama } from "./addon.ts";

/**
 * Where the model goes, from its file, this machine, free GPU memory now, and what other models take. Throws
 * MODEL_INVALID for a file that cannot be used, MODEL_FAILED for a model that does not fit, with what would.
 * `residents`: the models that stay. `failedGpuLayers`: with so many layers on the GPU the process died before.
 */
export function planFor(
  llama: Llama,
  request: HostLoad,
  { residents, failedGpuLayers }: { residents: readonly ResidentMemory[]; failedGpuLayers: readonly number[] },
): { plan: LoadPlan; facts: ModelFacts; header: GgufHeader } {
  const read = readModel(request.path);
  if (!read.ok) throw read.error;
  const { facts, header } = read.value;
  const { contextSize, threads, gpuLayers, kvType, ramBytes, vramBytes } = request;
  const plan = planLoad(facts, readMachine(), gpuFacts(llama), {
    ...(contextSize !== undefined && { contextSize }),
    ...(threads !== undefined && { threads }),
    ...(gpuLayers !== undefined && { gpuLayers }),
    ...(kvType !== undefined && { kvType }),
    ...(ramBytes !== undefined && { ramBytes }),
    ...(vramBytes !== undefined && { vramBytes }),
    residents,
    failedGpuLayers,
  });
  if (!plan.ok) throw plan.error;
  return { plan: plan.value, facts, header };
}

/** What this process computes on. */
export function devicesOf(llama: Llama): HostDevices {
  const gpu = gpuFacts(llama);
  return {
    backend: llama.backend,
    binary: llama.binary,
    ...(gpu === undefined ? {} : { gpu: { ...gpu, devices: [...gpu.devices] } }),
  };
}

/** What the GPU has free at this moment, as llama.cpp measures it. */
function gpuFacts({ addon, backend }: Llama): GpuFacts | undefined {
  if (backend === "cpu") return undefined;
  const { total, used, unifiedSize } = addon.getGpuVramInfo();
  const { deviceNames } = addon.getGpuDeviceInfo();
  const devices = [{ name: deviceNames.join(", "), totalBytes: total, freeBytes: Math.max(0, total - used) }];
  return { backend, devices, unified: unifiedSize > 0 };
}
