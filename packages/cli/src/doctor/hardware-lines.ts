import { sizeText } from "@trust-cli/core/protocol";

import type { HardwareReport } from "./hardware.ts";

type Row = readonly [name: string, value: string];

/** The report for people. */
export function hardwareLines(report: HardwareReport): string {
  const rows = [...cpuRows(report), ...memoryRows(report), ...backendRows(report), ...calibrationRows(report)];
  return rows.map(([name, value]) => `${name.padEnd(15)} ${value}\n`).join("");
}

function cpuRows({ cpu, limits }: HardwareReport): Row[] {
  const { physicalCores, performanceCores, efficiencyCores, processors, logicalCores, cores } = cpu;
  const kinds = efficiencyCores > 0 ? ` (${performanceCores} fast, ${efficiencyCores} efficient)` : "";
  const bound = logicalCores < processors ? `, bound to ${logicalCores} of ${processors}` : "";
  const limited = cores < logicalCores ? ", by a limit of its container" : "";
  return [
    ["processor", cpu.model],
    ["features", cpu.features.join(" ") || "not known"],
    ["cores", `${physicalCores}${kinds}, ${logicalCores} logical${bound}`],
    ["may keep busy", `${cores}${limited}`],
    ["threads", limits.threads === undefined ? "as many as cores are free" : `${limits.threads}, as was set`],
  ];
}

function memoryRows({ memory, limits }: HardwareReport): Row[] {
  const { machineBytes, memoryBytes, availableBytes, swapBytes, freeSwapBytes } = memory;
  const limited = memoryBytes < machineBytes ? ` of the machine's ${sizeText(machineBytes)}, by a limit` : "";
  const { ramBytes, vramBytes } = limits;
  return [
    ["memory", `${sizeText(memoryBytes)}${limited}`],
    ["available", sizeText(availableBytes)],
    ["swap", swapBytes === 0 ? "none" : `${sizeText(swapBytes)}, ${sizeText(freeSwapBytes)} free`],
    ...(ramBytes === undefined ? [] : [["models may use", sizeText(ramBytes)] as const]),
    ...(vramBytes === undefined ? [] : [["of GPU memory", sizeText(vramBytes)] as const]),
  ];
}

function backendRows({ backends: { installed, chosen, found } }: HardwareReport): Row[] {
  const rows: Row[] = [
    ["backends", installed.join(", ")],
    ["computes on", chosen],
  ];
  if ("error" in found) {
    const { message, hint } = found.error;
    return [...rows, ["llama.cpp", hint === undefined ? message : `${message}; ${hint}`]];
  }
  rows.push(["llama.cpp", found.binary]);
  const { gpu } = found;
  if (gpu === undefined) return [...rows, ["GPU", noGpu(installed)]];
  if (gpu.devices.length === 0) return [...rows, ["GPU", `none that ${gpu.backend} can use`]];
  const shared = gpu.unified ? ", shared with the processor" : "";
  const devices = gpu.devices.map(({ name, totalBytes, freeBytes }): Row => {
    return ["GPU", `${name}: ${sizeText(totalBytes)}, ${sizeText(freeBytes)} free${shared}`];
  });
  return [...rows, ...devices];
}

function noGpu(installed: readonly string[]): string {
  const other = installed.find((name) => name !== "cpu");
  return other === undefined
    ? "not used: no GPU backend is installed (trust host backend install vulkan|cuda)"
    : `not used (trust config set host.backend ${other})`;
}

function calibrationRows({ calibration }: HardwareReport): Row[] {
  if (calibration.length === 0)
    return [["measured", "nothing yet: a model host measures each model in a quiet moment"]];
  return calibration.map(({ model, best, measured }): Row => {
    const speeds = measured.map(({ threads, tokensPerSecond }) => `${threads}: ${tokensPerSecond.toFixed(1)}`);
    return ["measured", `${model}: best with ${best} threads (tokens a second with ${speeds.join(", ")})`];
  });
}
