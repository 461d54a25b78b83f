import { parseUnknownJson } from "@trust-cli/core/protocol";
import { temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, describe, expect, test } from "vitest";

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
