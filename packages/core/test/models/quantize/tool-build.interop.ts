import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { buildLlamaTools, findLlamaTool, type LlamaTool } from "../../../src/models/quantize/index.ts";
import { type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";

const isMissing = !["git", "cmake", "cc"].every(runs);
if (isMissing) process.stderr.write("SKIPPED: there is no git, cmake or C compiler\n");

function runs(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const { signal } = new AbortController();

/** Builds two of the programs, the second of them slowly, and counts what was compiled. */
const project = `cmake_minimum_required(VERSION 3.14)
project(tools C)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY \${CMAKE_BINARY_DIR}/bin)
add_executable(llama-bench bench.c)
add_custom_command(OUTPUT slow.h COMMAND \${CMAKE_COMMAND} -E echo wait COMMAND \${CMAKE_COMMAND} -E sleep \${SECONDS}
  COMMAND \${CMAKE_COMMAND} -E touch slow.h)
add_executable(llama-server server.c slow.h)
`;

async function sources(seconds: number): Promise<TemporaryWorkspace & { bundle: string }> {
  const folder = await temporaryWorkspace({
    "source/CMakeLists.txt": project.replace("${SECONDS}", String(seconds)),
    "source/bench.c": "int main(void) { return 0; }\n",
    "source/server.c": "int main(void) { return 0; }\n",
  });
  const cwd = join(folder.path, "source");
  const git = (...args: string[]): Buffer =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message", "tools");
  git("bundle", "create", "--quiet", "../tools.bundle", "HEAD", "main");
  return { ...folder, bundle: join(folder.path, "tools.bundle") };
}

describe.skipIf(isMissing)("building llama.cpp's programs", () => {
  test("builds what is wanted once, and later only what is new", async () => {
    await using folder = await sources(0);
    const place = { given: undefined, built: join(folder.path, "tools") };
    const steps: string[] = [];
    const build = (...tools: LlamaTool[]): Promise<void> =>
      buildLlamaTools(
        { folder: place.built, bundle: folder.bundle, tools, onProgress: (step) => steps.push(step) },
        signal,
      );
    await build("llama-bench");
    expect(findLlamaTool("llama-bench", place)).toBeDefined();
    expect(findLlamaTool("llama-server", place)).toBeUndefined();
    expect(steps[0]).toBe("preparing the source");
    steps.length = 0;
    await build("llama-bench");
    expect(steps).toEqual([]);
    await build("llama-bench", "llama-server");
    expect(findLlamaTool("llama-server", place)).toBeDefined();
    expect(steps.join()).not.toContain("bench.c");
    rmSync(findLlamaTool("llama-bench", place) ?? "");
    await build("llama-bench");
    expect(findLlamaTool("llama-bench", place)).toBeDefined();
  });

  test("stopped in the middle, it goes on later from what it has", async () => {
    await using folder = await sources(60);
    const built = join(folder.path, "tools");
    const controller = new AbortController();
    const steps: string[] = [];
    const tools = ["llama-bench", "llama-server"] as const;
    const stopWhenCompiled = (step: string): void => {
      steps.push(step);
      const isCompiled = existsSync(join(built, "build", "bin", "llama-bench"));
      if (isCompiled || step.startsWith("Built target llama-bench")) controller.abort();
    };
    const build = { folder: built, bundle: folder.bundle, tools, onProgress: stopWhenCompiled };
    await expect(buildLlamaTools(build, controller.signal)).rejects.toMatchObject({ name: "AbortError" });
    expect(findLlamaTool("llama-bench", { given: undefined, built })).toBeUndefined();
    steps.length = 0;
    await buildLlamaTools({ ...build, tools: ["llama-bench"], onProgress: (step) => steps.push(step) }, signal);
    expect(steps).toEqual(["Built target llama-bench"]);
    expect(findLlamaTool("llama-bench", { given: undefined, built })).toBeDefined();
  });

  test("what the compiler says against it is told", async () => {
    await using folder = await sources(0);
    await folder.write("source/bench.c", "this is no C\n");
    const cwd = join(folder.path, "source");
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qam", "broken"], { cwd });
    execFileSync("git", ["bundle", "create", "--quiet", "../tools.bundle", "HEAD", "main"], { cwd });
    const build = { folder: join(folder.path, "tools"), bundle: folder.bundle, tools: ["llama-bench"] as const };
    await expect(buildLlamaTools(build, signal)).rejects.toMatchObject({ code: "TOOL_FAILED" });
    expect(await readFile(join(build.folder, "stamp"), "utf8")).not.toContain("llama-bench");
  });
});
