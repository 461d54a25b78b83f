import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findLlamaTool } from "@trust-cli/core/models/quantize";
import { parseUnknownJson } from "@trust-cli/core/protocol";
import { randomGguf, realLlamaTools, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, describe, expect, test } from "vitest";

import { buildProgram, scratchHome, startTrust, trust } from "../support/program.ts";

const tools = realLlamaTools();
const quantizer = findLlamaTool("llama-quantize", tools);
if (quantizer === undefined) process.stderr.write("SKIPPED: there is no llama-quantize. Run: npm run interop:setup\n");
const env = { TRUST_LLAMA_TOOLS: tools.given ?? join(tools.built, "build") };

beforeAll(buildProgram);

describe.skipIf(quantizer === undefined)("trust model quantize", () => {
  test("tells the size before, and what was lost after", async () => {
    await using home = await scratchHome();
    await using folder = await temporaryWorkspace();
    await randomGguf(join(folder.path, "big.gguf"), { seed: 7 });
    const args = ["model", "quantize", "big.gguf", "small.gguf", "--type", "Q4_K_M"];
    const people = await trust(args, { home, cwd: folder.path, env });
    expect([people.status, people.stderr]).toEqual([
      0,
      expect.stringMatching(/^The result will take about [\d.]+ KiB/),
    ]);
    expect(people.stdout).toMatch(/perplexity .* before, .* after[^]*KL divergence[^]*same top token/);
    const again = await trust([...args, "--force", "--json", "--no-check"], { home, cwd: folder.path, env });
    expect([again.status, again.stderr]).toEqual([0, ""]);
    const value = parseUnknownJson(again.stdout, "stdout");
    expect(value).toMatchObject({ path: join(folder.path, "small.gguf"), type: "Q4_K_M", notes: [] });
    expect(await readdir(folder.path)).toEqual(["big.gguf", "small.gguf"]);
  });

  test("leaves nothing when it is interrupted, with status 130", async () => {
    await using home = await scratchHome();
    await using folder = await temporaryWorkspace();
    await randomGguf(join(folder.path, "big.gguf"), { seed: 3, vocabularySize: 20_000 });
    await writeFile(join(folder.path, "small.gguf"), "mine");
    const args = ["model", "quantize", "big.gguf", "small.gguf", "--type", "Q4_K_M", "--force"];
    const program = startTrust(args, { home, cwd: folder.path, env });
    while ((await readdir(folder.path)).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    program.child.kill("SIGINT");
    expect((await program.finished).status).toBe(130);
    expect(await readdir(folder.path)).toEqual(["big.gguf", "small.gguf"]);
  });
});
