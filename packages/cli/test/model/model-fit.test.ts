import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
  workspace = await temporaryWorkspace({ "broken.gguf": "GGUF and nothing more of it" });
  await scriptedGguf(join(workspace.path, "small.gguf"), { replies: { first: ["Hi"] }, contextLength: 8192 });
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  trust(args, { home, cwd: workspace.path, env });
const fit = async (...args: string[]): Promise<unknown> =>
  parseUnknownJson((await run(["model", "fit", ...args, "--json"])).stdout, "stdout");

describe("trust model fit", () => {
  test("tells how a model would lie in memory, and what that assumes", async () => {
    const { status, stdout } = await run(["model", "fit", "small.gguf"], { TRUST_HOST_BACKEND: "cpu" });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^fits +scripted\ncomputes on +cpu\nwindow +8192 tokens, each of 4 conversations\n/);
    expect(stdout).toMatch(/\n {2}Context of 8192 tokens: all that the model was trained for\.\n/);
    expect(stdout).toMatch(/\n {2}Memory as it is now: [\d.]+ GB of [\d.]+ GB can be had\.\n/);
    expect(stdout).toContain("No GPU backend is set");
  });

  test("gives the plan as one JSON value, for files and the built-in model", async () => {
    expect(await fit("small.gguf", "--context", "1024", "--threads", "1")).toMatchObject({
      fits: true,
      path: join(workspace.path, "small.gguf"),
      trainedFor: 8192,
      plan: { contextSize: 1024, threads: 1, gpuLayers: 0, useMmap: true, reasons: expect.any(Array) as unknown },
    });
    expect(await fit("nano")).toMatchObject({ fits: true, architecture: "llama", plan: { contextSize: 4096 } });
  });

  test("says what would fit when the model does not, with the status of a failure", async () => {
    const { status, stderr, stdout } = await run(["model", "fit", "small.gguf", "--max-ram", "6M"]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^Scripted does not fit: .* it needs \d+ MB of memory, and 6 MB may be used\.\n {2}what would fit: /i,
    );
    const refused = (await fit("small.gguf", "--max-ram", "6M")) as { remedies: string[] };
    expect(refused).toMatchObject({ fits: false, error: { code: "MODEL_FAILED" } });
    const [limit] = refused.remedies.flatMap((words) => /--max-ram (\S+?)\)/.exec(words)?.[1] ?? []);
    expect(await fit("small.gguf", "--max-ram", limit ?? "")).toMatchObject({ fits: true });
  });

  test("refuses what cannot be, in words", async () => {
    expect(await run(["model", "fit", "broken.gguf"])).toMatchObject({ status: 2 });
    expect((await run(["model", "fit", "small.gguf", "--context", "9000"])).stderr).toContain("was made for 8192");
    const { status, stderr } = await run(["model", "fit", "small.gguf", "--max-ram", "8 bananas"]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/--max-ram.*8 bananas.*such as 8GiB.*\n.*--help/)]);
    expect((await run(["model", "fit", "http://127.0.0.1:9/v1"])).stderr).toContain("are with its server");
  });
});

test("a limit of memory holds for the model that answers", async () => {
  const { status, stderr } = await run(["-p", "hello", "-m", "small.gguf", "--max-ram", "6M"]);
  expect([status, stderr]).toEqual([1, expect.stringContaining("does not fit")]);
});
