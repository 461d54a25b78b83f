import { join } from "node:path";

import { findLlamaTool } from "@trust-cli/core/models/quantize";
import { parseUnknownJson } from "@trust-cli/core/protocol";
import { realLlamaTools, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

const tools = realLlamaTools();
const isMissing = findLlamaTool("llama-bench", tools) === undefined;
if (isMissing) process.stderr.write("SKIPPED: there is no llama-bench. Run: npm run interop:setup\n");

beforeAll(buildProgram);

test.skipIf(isMissing)("trust bench compares with llama-bench on the same file and threads", async () => {
  await using home = await scratchHome();
  await using folder = await temporaryWorkspace();
  const env = { TRUST_LLAMA_TOOLS: tools.given ?? join(tools.built, "build") };
  const args = ["bench", "nano", "--rounds", "2", "--prompt", "64", "--tokens", "16"];
  const { status, stdout } = await trust([...args, "--json"], { home, cwd: folder.path, env });
  expect(status).toBe(0);
  const { llamaBench } = parseUnknownJson(stdout, "stdout") as { llamaBench: Record<string, number> };
  expect(Object.keys(llamaBench)).toEqual(["reading", "writing", "readingRatio", "writingRatio"]);
  for (const value of Object.values(llamaBench)) expect(value).toBeGreaterThan(0);
  const people = await trust(args, { home, cwd: folder.path, env });
  expect(people.stdout).toMatch(/reading +\d+ tokens\/s, [\d.]+ of llama-bench's \d+/);
});
