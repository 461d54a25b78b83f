import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, describe, expect, test } from "vitest";

import type { HardwareReport } from "../../src/doctor/hardware.ts";
import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

interface Report {
  ok: boolean;
  checks: { name: string; status: string; detail: string; remedy?: string }[];
}

async function examine(...args: string[]): Promise<{ status: number | undefined; report: Report }> {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace();
  const { status, stdout } = await trust(["doctor", "--json", ...args], { home, cwd: workspace.path });
  return { status, report: parseUnknownJson(stdout, "stdout") as Report };
}

describe("trust doctor", () => {
  test("loads the built-in model, which writes a real token", async () => {
    const { status, report } = await examine();
    expect(report.checks.filter((check) => check.status === "fail")).toEqual([]);
    expect(report.checks.find(({ name }) => name === "model")?.detail).toMatch(/nano: ready in \d+ ms, wrote 1 token/);
    expect([status, report.ok]).toEqual([0, true]);
  });

  test("names a remedy for everything that is not well", async () => {
    const { status, report } = await examine("-m", "missing.gguf");
    const model = report.checks.find(({ name }) => name === "model");
    expect(model).toMatchObject({ status: "fail", detail: expect.stringContaining("missing.gguf") });
    for (const check of report.checks) if (check.status !== "ok") expect(check.remedy).toMatch(/\S/);
    expect([status, report.ok]).toEqual([3, false]);
  });

  test("reports settings with a mistake and goes on with the other checks", async () => {
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace({ ".trustrc": "limits: { steps: many }\n" });
    const options = { home, cwd: workspace.path };
    const { status, stdout } = await trust(["doctor", "--json"], options);
    const { checks, ok } = parseUnknownJson(stdout, "stdout") as Report;
    expect(checks.find(({ name }) => name === "settings")).toMatchObject({
      status: "fail",
      detail: expect.stringContaining(".trustrc:1: limits.steps"),
      remedy: expect.stringMatching(/\S/),
    });
    expect(checks.filter((check) => check.status === "fail").map(({ name }) => name)).toEqual(["settings"]);
    expect([status, ok]).toEqual([3, false]);
    expect((await trust(["doctor"], options)).stdout).toMatch(/✗ settings: .*limits\.steps[^]*✓ model: /);
  });
});

describe("trust doctor --hardware", () => {
  test("tells processor, memory, what llama.cpp computes on, and what was measured", async () => {
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace();
    const run = (...args: string[]) => trust(["doctor", "--hardware", ...args], { home, cwd: workspace.path });
    const { status, stdout } = await run("--json", "--max-ram", "2GiB", "--threads", "1");
    const report = parseUnknownJson(stdout, "stdout") as HardwareReport;
    const { cpu, memory } = report;
    expect(report).toMatchObject({
      limits: { ramBytes: 2 ** 31, threads: 1 },
      backends: {
        chosen: expect.stringMatching(/^(cpu|metal)$/) as unknown,
        found: { binary: expect.stringContaining("llama-addon.node") as unknown },
      },
      calibration: [],
    });
    expect(cpu.performanceCores + cpu.efficiencyCores).toBe(cpu.physicalCores);
    expect(cpu.cores).toBeLessThanOrEqual(cpu.processors);
    expect(memory.availableBytes).toBeLessThanOrEqual(memory.memoryBytes);
    expect(memory.memoryBytes).toBeLessThanOrEqual(memory.machineBytes);
    expect(status).toBe(0);
    expect((await run()).stdout).toMatch(
      /^processor [^]*\nmay keep busy [^]*\nllama\.cpp .*\.node\n[^]*GPU [^]*measured +nothing yet/,
    );
  });

  test("shows the measurements of this machine, and not those of others", async () => {
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace();
    const place = { home, cwd: workspace.path };
    const { machineKey, readMachine } = await import("@trust-cli/core/hardware");
    const measured = [
      { threads: 1, tokensPerSecond: 10 },
      { threads: 2, tokensPerSecond: 19 },
    ];
    const entries = [
      { machine: machineKey(readMachine()), model: "llama 4711 f16 0", measured },
      { machine: "another", model: "llama 4712 f16 0", measured },
    ];
    const folder = join(home.folder, "cache", "host");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "threads.json"), JSON.stringify({ version: 1, entries }));
    const { stdout } = await trust(["doctor", "--hardware"], place);
    expect(stdout).toContain("llama 4711 f16 0: best with 2 threads (tokens a second with 1: 10.0, 2: 19.0)");
    expect(stdout).not.toContain("4712");
  });

  test("says when a backend is set that is not installed, with the command that installs it", async () => {
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace();
    const place = { home, cwd: workspace.path, env: { TRUST_HOST_BACKEND: "cuda" } };
    const { status, stdout } = await trust(["doctor", "--hardware"], place);
    expect([status, stdout]).toEqual([
      3,
      expect.stringMatching(/computes on +cuda\nllama\.cpp +no llama.cpp binary for cuda.*install cuda/i),
    ]);
  });
});
