import { parseUnknownJson } from "@trust-cli/core/protocol";
import { beforeAll, expect, test } from "vitest";
import * as z from "zod";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

const Checked = z.object({
  right: z.number(),
  wrong: z.number(),
  skipped: z.number(),
  tasks: z.array(z.object({ task: z.string(), status: z.string(), why: z.string() })),
});

test("every built-in task fails before its solution and passes after it, where its toolchain is here", async () => {
  await using home = await scratchHome();
  const { HOME = home.env["HOME"] } = process.env;
  // Toolchains keep what they need in the person's own folder.
  const env = { HOME };
  const { status, stdout, stderr } = await trust(["eval", "check", "--json"], { home, cwd: "/", env });
  const { tasks, right, skipped } = Checked.parse(parseUnknownJson(stdout, "stdout"));
  process.stderr.write(`${right} of ${tasks.length} tasks are proven\n${stderr}`);
  for (const { task, status: how, why } of tasks)
    if (how === "skipped") process.stderr.write(`SKIPPED ${task}: ${why}\n`);
  expect(tasks.filter((one) => one.status === "wrong")).toEqual([]);
  expect([status, tasks.length - skipped]).toEqual([0, right]);
  expect(tasks.length).toBeGreaterThanOrEqual(40);
}, 1_200_000);
