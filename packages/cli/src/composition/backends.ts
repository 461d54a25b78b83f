import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";

import { parseJson, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

const gpuBackends = ["vulkan", "cuda"] as const;
type GpuBackend = (typeof gpuBackends)[number];

/** Rough sizes on disk in MB, Linux x64: vulkan as installed (3.21.1); cuda from figures for 3.22.1, not installed here. */
const sizes: Record<GpuBackend, number> = { vulkan: 81, cuda: 540 };

const backendFolder = (dataFolder: string): string => join(dataFolder, "backends");

/** The backends of this machine: what the installation has, and what was fetched on consent. */
export function installedBackends(dataFolder: string): string[] {
  const builtIn = process.platform === "darwin" && process.arch === "arm64" ? ["cpu", "metal"] : ["cpu"];
  const fetched = gpuBackends.filter((name) =>
    packagesFor(name).every((one) => existsSync(join(backendFolder(dataFolder), "node_modules", one, "package.json"))),
  );
  return [...builtIn, ...fetched];
}

/**
 * Fetches a GPU binary from the npm registry, after the person agreed: the same version as node-llama-cpp,
 * without install scripts, complete or not at all.
 */
export async function installBackend(
  name: string,
  dataFolder: string,
  { yes, offline }: { yes: boolean; offline: boolean },
): Promise<{ backend: string; package: string; folder: string }> {
  const backend = gpuBackends.find((one) => one === name);
  if (backend === undefined) {
    throw new TrustError("USAGE", `there is no backend named ${name}`, { hint: `one of ${gpuBackends.join(", ")}` });
  }
  if (offline) throw new TrustError("OFFLINE", "fetching a backend needs the npm registry, and offline mode is on");
  const packages = packagesFor(backend);
  await agree(`Fetch ${packages.join(" and ")} (about ${sizes[backend]} MB) from the npm registry?`, yes);
  const folder = backendFolder(dataFolder);
  const staging = `${folder}.new-${process.pid}`;
  try {
    await mkdir(staging, { recursive: true });
    await writeFile(join(staging, "package.json"), '{"private":true}\n');
    await npmInstall(staging, [...packages, ...installedPackages(folder)]);
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return { backend, package: packages.join(", "), folder };
}

function packagesFor(backend: GpuBackend): string[] {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const base = `@node-llama-cpp/${platform}-${process.arch}-${backend}`;
  return backend === "cuda" ? [base, `${base}-ext`] : [base];
}

const installedPackages = (folder: string): string[] =>
  gpuBackends.flatMap(packagesFor).filter((one) => existsSync(join(folder, "node_modules", one, "package.json")));

async function agree(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  const hint = "add --yes to agree";
  if (!process.stdin.isTTY) throw new TrustError("REFUSED", "this download needs your consent", { hint });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new TrustError("REFUSED", "nothing was fetched", { hint });
}

async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  const version = bindingsVersion();
  const names = packages.map((one) => `${one}@${version}`);
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--force"];
  const status = await new Promise<number | null>((resolve, reject) => {
    const child = spawn("npm", ["install", ...options, ...new Set(names)], {
      cwd: folder,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    });
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (status === 0) return;
  throw new TrustError("PROGRAM_MISSING", "npm could not fetch the backend; its output is above", {
    hint: "check the network and try again",
  });
}

/** The version of node-llama-cpp: a binary must be of the very version of the library that loads it. */
export function bindingsVersion(): string {
  const file = join(bindingsFolder(), "package.json");
  return parseJson(readFileSync(file, "utf8"), z.object({ version: z.string() }), file).version;
}

/** Where node-llama-cpp is installed. */
export function bindingsFolder(): string {
  const entry = createRequire(import.meta.url).resolve("@trust-cli/core/package.json");
  return dirname(dirname(createRequire(entry).resolve("node-llama-cpp")));
}
