export { fileIdentity } from "./file-identity.ts";
export { type MeasureOptions, measureCapability, type ProbeResult } from "./measure.ts";
export { probes } from "./probes.ts";
