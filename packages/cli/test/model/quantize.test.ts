import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
  await scriptedGguf(join(workspace.path, "big.gguf"), { replies: { first: ["yes"] } });
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const quantize = (...args: string[]): Promise<Finished> =>
  trust(["model", "quantize", ...args], { home, cwd: workspace.path });

test("a quantiser that is missing is status 3, with the one command that builds it", async () => {
  const args = ["big.gguf", "small.gguf", "--type", "Q4_K_M"];
  const { status, stdout, stderr } = await quantize(...args);
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr).toBe(
    "llama-quantize, a program of llama.cpp, is not built on this machine.\n  trust host tools build\n",
  );
  const { error } = parseUnknownJson((await quantize(...args, "--json")).stdout, "stdout") as { error: unknown };
  expect(error).toMatchObject({ code: "PROGRAM_MISSING", hint: "trust host tools build" });
  expect(await readdir(workspace.path)).toEqual(["big.gguf"]);
});

test("a file that is there already is kept, and the command says how to replace it", async () => {
  await workspace.write("small.gguf", "mine");
  const { status, stderr } = await quantize("big.gguf", "small.gguf", "--type", "Q4_K_M");
  expect([status, stderr]).toEqual([1, expect.stringContaining("--force replaces it")]);
  expect(await readFile(join(workspace.path, "small.gguf"), "utf8")).toBe("mine");
});

test.each([
  [["big.gguf", "small.gguf"], 2, "--type"],
  [["ollama/big", "small.gguf", "--type", "Q4_K_M"], 2, "with its server"],
  [["nothing.gguf", "small.gguf", "--type", "Q4_K_M"], 3, "nothing.gguf"],
  [["big.gguf", "small.gguf", "--type", "Q4_K_M", "--text", "no.txt"], 2, "no.txt is not there"],
])("%j is refused with status %d", async (args, wanted, said) => {
  const { status, stderr } = await quantize(...args);
  expect([status, stderr]).toEqual([wanted, expect.stringContaining(said)]);
  expect(await readdir(workspace.path)).toEqual(["big.gguf"]);
});
