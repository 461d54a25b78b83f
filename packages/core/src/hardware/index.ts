export {
  bestThreads,
  calibrationFile,
  type CalibrationStore,
  machineKey,
  type Measured,
  openCalibration,
} from "./calibration.ts";
export type { GpuDevice, GpuFacts } from "./gpu.ts";
export { contestedCores, createLoadSampler } from "./load-sampler.ts";
export type { LoadWish, ResidentMemory } from "./load-wish.ts";
export { type Machine, readMachine } from "./machine.ts";
export { type KvType, kvBytesPerToken } from "./memory.ts";
export type { LayerFacts, ModelFacts } from "./model-facts.ts";
export { type LoadPlan, planLoad } from "./plan.ts";
export { remedies } from "./refusal.ts";
export { computeCores, type LoadSample, nextThreads, threadsFor, type ThreadState } from "./threads.ts";
