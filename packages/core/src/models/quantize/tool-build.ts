import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import { lastLines, type ProgramRun, runProgram, wholeLines } from "./run-program.ts";
import type { LlamaTool } from "./tool-names.ts";

export interface ToolBuild {
  /** Holds the source, the compiled files and the programs. */
  folder: string;
  /** llama.cpp's source as a Git bundle: the one inside node-llama-cpp, so that nothing is downloaded. */
  bundle: string;
  tools: readonly LlamaTool[];
  /** Hears what is going on; `fraction` in 0..1 where it is known. */
  onProgress?: (step: string, fraction: number | undefined) => void;
}

/** On the CPU alone. Other options mean other compiled files, so a change builds everything anew. */
const options = [
  "-DCMAKE_BUILD_TYPE=Release",
  "-DBUILD_SHARED_LIBS=OFF",
  "-DLLAMA_CURL=OFF",
  "-DLLAMA_OPENSSL=OFF",
  "-DLLAMA_BUILD_TESTS=OFF",
  "-DLLAMA_BUILD_EXAMPLES=OFF",
  "-DLLAMA_BUILD_WEBUI=OFF",
];

/**
 * Builds llama.cpp's own programs. What is built already is not built again; after an abort or a crash the next build
 * goes on with the files that were compiled. One process at a time may build in a folder.
 */
export async function buildLlamaTools(build: ToolBuild, signal: AbortSignal): Promise<void> {
  const { folder, bundle, tools, onProgress } = build;
  const origin = `${await digestOf(bundle)} ${options.join(" ")}`;
  const stamp = readStamp(folder);
  const done = stamp.origin === origin ? stamp.tools.filter((tool) => binaryIn(binaryFolders(folder), tool)) : [];
  if (tools.every((tool) => done.includes(tool))) return;
  if (stamp.origin !== origin) {
    onProgress?.("preparing the source", undefined);
    await prepare(build, signal);
    await writeStamp(folder, { origin, tools: [] });
  }
  await compile(build, signal);
  await writeStamp(folder, { origin, tools: [...new Set([...done, ...tools])] });
}

/** The path of a program in a folder of builds; undefined as long as its build has not ended. */
export function builtTool(folder: string, tool: LlamaTool): string | undefined {
  return readStamp(folder).tools.includes(tool) ? binaryIn(binaryFolders(folder), tool) : undefined;
}

/** The path of a program in the first of these folders that has it. */
export const binaryIn = (folders: readonly string[], tool: string): string | undefined =>
  folders.map((folder) => join(folder, `${tool}${suffix}`)).find((path) => existsSync(path));

const suffix = process.platform === "win32" ? ".exe" : "";

/** Where a build leaves its programs: some compilers put them one folder deeper. */
const binaryFolders = (folder: string): string[] => [
  join(folder, "build", "bin"),
  join(folder, "build", "bin", "Release"),
];

async function prepare({ folder, bundle }: ToolBuild, signal: AbortSignal): Promise<void> {
  const source = join(folder, "source");
  await mkdir(folder, { recursive: true });
  await rm(stampFile(folder), { force: true });
  await rm(source, { recursive: true, force: true });
  await step({ program: "git", args: ["clone", "--quiet", "--depth", "1", bundle, source] }, signal);
  await step({ program: "cmake", args: ["-S", source, "-B", join(folder, "build"), ...options] }, signal);
}

async function compile({ folder, tools, onProgress }: ToolBuild, signal: AbortSignal): Promise<void> {
  const onLine = (line: string): void => {
    const [, percent, what] = /^\[ *(\d+)%\] (.+)$/.exec(line) ?? [];
    if (what !== undefined) onProgress?.(what, Number(percent) / 100);
  };
  const config = ["--config", "Release", "--parallel", String(availableParallelism())];
  const args = ["--build", join(folder, "build"), "--target", ...tools, ...config];
  await step({ program: "cmake", args, onText: wholeLines(onLine) }, signal);
}

const needed = "building needs git, cmake and a C++ compiler; install them with your system's package manager";

async function step(run: ProgramRun, signal: AbortSignal): Promise<void> {
  const { succeeded, output } = await runProgram(run, signal).catch((error: unknown) => {
    if (!(error instanceof TrustError)) throw error;
    throw new TrustError(error.code, error.message, { hint: needed, cause: error });
  });
  if (succeeded) return;
  const what = `${run.program} ${run.args[0] ?? ""}`;
  throw new TrustError("TOOL_FAILED", `${what} failed: ${lastLines(output)}`, { hint: needed });
}

interface Stamp {
  origin: string | undefined;
  tools: readonly string[];
}

const stampFile = (folder: string): string => join(folder, "stamp");

/** The first line says what the source and the options were, each further line names a program that is complete. */
function readStamp(folder: string): Stamp {
  try {
    const [origin, ...tools] = readFileSync(stampFile(folder), "utf8").split("\n");
    return { origin, tools: tools.filter((tool) => tool !== "") };
  } catch {
    return { origin: undefined, tools: [] };
  }
}

/** In one step, so that a crash cannot leave a stamp for what is not there. */
async function writeStamp(folder: string, { origin, tools }: Stamp): Promise<void> {
  const temporary = `${stampFile(folder)}.new`;
  await writeFile(temporary, `${[origin, ...tools].join("\n")}\n`);
  await rename(temporary, stampFile(folder));
}

async function digestOf(bundle: string): Promise<string> {
  const bytes = await readFile(bundle).catch((cause: unknown) => {
    throw new TrustError("PROGRAM_MISSING", `${bundle}, the source of llama.cpp, is missing`, {
      hint: "npm ci",
      cause,
    });
  });
  return createHash("sha256").update(bytes).digest("hex");
}
