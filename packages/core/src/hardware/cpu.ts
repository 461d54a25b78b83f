import type { MachineSource } from "./machine-source.ts";

/** Cores as they are built; hyper-threads of one core count once. Limits on time are not in these numbers. */
export interface CpuFacts {
  model: string;
  /** Logical processors that the process may run on. */
  logicalCores: number;
  physicalCores: number;
  performanceCores: number;
  efficiencyCores: number;
  /** Of what llama.cpp has code for, by its usual lower-case name. */
  features: readonly string[];
}

export function readCpu(source: MachineSource): CpuFacts {
  switch (source.platform) {
    case "linux":
      return linuxCpu(source);
    case "darwin":
      return appleCpu(source);
    default:
      return plainCpu(source);
  }
}

/** Nothing tells cores from threads: assume two threads a core, where that is usual. Too many threads cost more than too few. */
function plainCpu({ architecture, cpuModel, parallelism }: MachineSource): CpuFacts {
  const physicalCores = architecture === "x64" ? Math.ceil(parallelism / 2) : parallelism;
  return {
    model: cpuModel || "unknown",
    logicalCores: parallelism,
    physicalCores,
    performanceCores: physicalCores,
    efficiencyCores: 0,
    features: [],
  };
}

const system = "/sys/devices/system/cpu";

interface Core {
  /** One of its logical processors. */
  cpu: number;
  speed: number | undefined;
}

function linuxCpu(source: MachineSource): CpuFacts {
  const { read } = source;
  const info = read("/proc/cpuinfo") ?? "";
  const cpus = usableCpus(source);
  const cores = new Map<string, Core>();
  for (const cpu of cpus) {
    const key = coreKey(cpu, read);
    if (!cores.has(key)) cores.set(key, { cpu, speed: speedOf(cpu, read) });
  }
  const performanceCores = countPerformance([...cores.values()], read);
  return {
    model: [source.cpuModel, field(info, "model name"), field(info, "Hardware")].find(Boolean) ?? "unknown",
    logicalCores: cpus.length,
    physicalCores: cores.size,
    performanceCores,
    efficiencyCores: cores.size - performanceCores,
    features: linuxFeatures(info),
  };
}

/** The numbers of the processors that this process may run on. */
function usableCpus({ read, parallelism }: MachineSource): number[] {
  const allowed = parseCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(read("/proc/self/status") ?? "")?.[1] ?? "");
  const online = parseCpuList(read(`${system}/online`) ?? "");
  const usable = allowed.filter((cpu) => online.length === 0 || online.includes(cpu));
  if (usable.length > 0) return usable;
  return online.length > 0 ? online : Array.from({ length: parallelism }, (_, cpu) => cpu);
}

function coreKey(cpu: number, read: MachineSource["read"]): string {
  const value = (name: string): string | undefined => read(`${system}/cpu${cpu}/topology/${name}`)?.trim();
  const siblings = value("core_cpus_list") ?? value("thread_siblings_list");
  if (siblings !== undefined) return siblings;
  const core = value("core_id");
  return core === undefined ? `cpu ${cpu}` : `${value("physical_package_id") ?? 0}:${core}`;
}

/** ARM tells a capacity; elsewhere the highest clock tells the kinds of cores apart. */
function speedOf(cpu: number, read: MachineSource["read"]): number | undefined {
  const text = read(`${system}/cpu${cpu}/cpu_capacity`) ?? read(`${system}/cpu${cpu}/cpufreq/cpuinfo_max_freq`);
  const speed = Number(text ?? Number.NaN);
  return speed > 0 ? speed : undefined;
}

/** Favoured cores of one kind differ by a few per cent, efficiency cores by a third and more. */
const slowestPerformanceCore = 0.75;

function countPerformance(cores: readonly Core[], read: MachineSource["read"]): number {
  const named = parseCpuList(read("/sys/devices/cpu_core/cpus") ?? "");
  const efficient = parseCpuList(read("/sys/devices/cpu_atom/cpus") ?? "");
  const fastest = Math.max(...cores.map(({ speed = 0 }) => speed));
  const isFast = ({ cpu, speed }: Core): boolean => {
    if (named.length > 0 || efficient.length > 0) return named.includes(cpu);
    return speed === undefined || speed >= fastest * slowestPerformanceCore;
  };
  const count = cores.filter(isFast).length;
  return count === 0 ? cores.length : count;
}

/**
 * "0-3,8,10-11".
 * @internal
 */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(",")
    .flatMap((range) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(range);
      if (match === null) return [];
      const from = Number(match[1]);
      const to = Math.min(Number(match[2] ?? from), from + mostCpus);
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    });
}

const mostCpus = 4096;

const field = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}\\s*:\\s*(.+)$`, "m").exec(info)?.[1]?.trim();

/** The kernel's names of features, on x86 and on ARM, and ours. */
const kernelNames: Readonly<Record<string, string>> = {
  avx: "avx",
  avx2: "avx2",
  avx512f: "avx512f",
  avx512bw: "avx512bw",
  avx512vl: "avx512vl",
  avx512vbmi: "avx512vbmi",
  avx512_vnni: "avx512vnni",
  avx512_bf16: "avx512bf16",
  avx_vnni: "avxvnni",
  amx_tile: "amx-tile",
  amx_int8: "amx-int8",
  amx_bf16: "amx-bf16",
  f16c: "f16c",
  fma: "fma",
  bmi2: "bmi2",
  asimd: "neon",
  neon: "neon",
  asimddp: "dotprod",
  asimdhp: "fp16",
  i8mm: "i8mm",
  sve: "sve",
  sve2: "sve2",
  sme: "sme",
};

function linuxFeatures(info: string): string[] {
  const words = new Set((field(info, "flags") ?? field(info, "Features") ?? "").split(/\s+/));
  return [...new Set(Object.entries(kernelNames).flatMap(([name, ours]) => (words.has(name) ? [ours] : [])))];
}

const appleNames: Readonly<Record<string, string>> = {
  "hw.optional.neon": "neon",
  "hw.optional.AdvSIMD": "neon",
  "hw.optional.arm.FEAT_DotProd": "dotprod",
  "hw.optional.arm.FEAT_FP16": "fp16",
  "hw.optional.arm.FEAT_I8MM": "i8mm",
  "hw.optional.arm.FEAT_SME": "sme",
  "hw.optional.avx2_0": "avx2",
  "hw.optional.avx512f": "avx512f",
  "hw.optional.fma": "fma",
  "hw.optional.f16c": "f16c",
};

function appleCpu(source: MachineSource): CpuFacts {
  const values = parseSysctl(source.run("sysctl", "hw", "machdep.cpu") ?? "");
  const number = (name: string): number | undefined => {
    const value = Number(values.get(name) ?? Number.NaN);
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  const physicalCores = number("hw.physicalcpu");
  if (physicalCores === undefined) return plainCpu(source);
  const performanceCores = Math.min(physicalCores, number("hw.perflevel0.physicalcpu") ?? physicalCores);
  const features = Object.entries(appleNames).flatMap(([name, ours]) => (values.get(name) === "1" ? [ours] : []));
  return {
    model: values.get("machdep.cpu.brand_string") ?? (source.cpuModel || "unknown"),
    logicalCores: number("hw.logicalcpu") ?? source.parallelism,
    physicalCores,
    performanceCores,
    efficiencyCores: physicalCores - performanceCores,
    features: [...new Set(features)],
  };
}

/** Lines such as `hw.physicalcpu: 10`. */
export function parseSysctl(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const];
    }),
  );
}
