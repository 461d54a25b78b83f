import type { MachineSource } from "./machine-source.ts";

type Read = MachineSource["read"];

/** What a container may use. Infinity where nothing limits it. */
export interface CgroupLimits {
  /** May be a fraction. */
  cores: number;
  memoryBytes: number;
  /** Of that memory, what is not in use yet, or only by the page cache. */
  availableBytes: number;
}

const mount = "/sys/fs/cgroup";

/** The strictest limits of the group that this process is in and of all groups around it, in both versions of cgroups. */
export function cgroupLimits(read: Read): CgroupLimits {
  const groups = parseMembership(read("/proc/self/cgroup") ?? "0::/");
  const all = groups.flatMap(({ controllers, path }) => limitsOf(controllers, path, read));
  const least = (measure: (limits: CgroupLimits) => number): number =>
    Math.min(Number.POSITIVE_INFINITY, ...all.map(measure));
  return {
    cores: least(({ cores }) => cores),
    memoryBytes: least(({ memoryBytes }) => memoryBytes),
    availableBytes: least(({ availableBytes }) => availableBytes),
  };
}

interface Membership {
  /** Empty for version 2. */
  controllers: readonly string[];
  path: string;
}

/** Lines such as `4:memory:/docker/1f` (version 1) and `0::/user.slice` (version 2). */
function parseMembership(text: string): Membership[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) return [];
    const [, controllers = "", path = "/"] = match;
    return [{ controllers: controllers === "" ? [] : controllers.split(","), path }];
  });
}

function limitsOf(controllers: readonly string[], path: string, read: Read): CgroupLimits[] {
  // In a container the path may be the host's, which is not there: its ancestors, the root among them, still are.
  const folders = ancestors(path);
  if (controllers.length === 0) return folders.map((folder) => secondVersion(`${mount}${folder}`, read));
  const inside = (controller: string, limits: (folder: string) => CgroupLimits): CgroupLimits[] => {
    if (!controllers.includes(controller)) return [];
    const places = new Set([controllers.join(","), controller]);
    return [...places].flatMap((place) => folders.map((folder) => limits(`${mount}/${place}${folder}`)));
  };
  return [
    ...inside("cpu", (folder) => ({ ...unlimited, cores: firstVersionCores(folder, read) })),
    ...inside("memory", (folder) => firstVersionMemory(folder, read)),
  ];
}

/** "/a/b" is inside "/a" and "". */
function ancestors(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return Array.from({ length: parts.length + 1 }, (_, count) =>
    parts
      .slice(0, count)
      .map((part) => `/${part}`)
      .join(""),
  );
}

const unlimited: CgroupLimits = {
  cores: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
  availableBytes: Number.POSITIVE_INFINITY,
};

function secondVersion(folder: string, read: Read): CgroupLimits {
  const [quota, period] = (read(`${folder}/cpu.max`) ?? "max").trim().split(/\s+/).map(Number);
  const memory = {
    limit: read(`${folder}/memory.max`),
    used: read(`${folder}/memory.current`),
    stat: read(`${folder}/memory.stat`),
  };
  return { cores: share(quota, period), ...memoryLimits(memory, ["active_file", "inactive_file"]) };
}

function firstVersionCores(folder: string, read: Read): number {
  const value = (name: string): number => Number(read(`${folder}/cpu.cfs_${name}_us`) ?? Number.NaN);
  return share(value("quota"), value("period"));
}

function firstVersionMemory(folder: string, read: Read): CgroupLimits {
  const memory = {
    limit: read(`${folder}/memory.limit_in_bytes`),
    used: read(`${folder}/memory.usage_in_bytes`),
    stat: read(`${folder}/memory.stat`),
  };
  return { ...unlimited, ...memoryLimits(memory, ["total_active_file", "total_inactive_file"]) };
}

/** Anything but two positive numbers, such as "max" or a quota of -1, means no limit. */
function share(quota: number | undefined, period: number | undefined): number {
  if (quota === undefined || period === undefined) return Number.POSITIVE_INFINITY;
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

/** Version 1 says "no limit" with a number beyond any memory. */
const beyondAnyMemory = 2 ** 60;

function memoryLimits(
  { limit, used, stat }: Readonly<Record<"limit" | "used" | "stat", string | undefined>>,
  cached: readonly string[],
): Pick<CgroupLimits, "memoryBytes" | "availableBytes"> {
  const memoryBytes = Number((limit ?? "max").trim());
  if (!(memoryBytes > 0) || memoryBytes >= beyondAnyMemory) return unlimited;
  const usedBytes = Number(used ?? 0) || 0;
  const cachedBytes = cached.reduce((sum, name) => sum + statValue(stat ?? "", name), 0);
  return { memoryBytes, availableBytes: Math.min(memoryBytes, Math.max(0, memoryBytes - usedBytes + cachedBytes)) };
}

const statValue = (stat: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);
