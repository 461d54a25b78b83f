import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import {
  buildProgram,
  type Finished,
  type Home,
  type RunOptions,
  scratchHome,
  startTrust,
} from "../../support/program.ts";
import { waitUntil } from "../../support/wait-until.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
  workspace = await temporaryWorkspace({
    "integer.json": '{"type":"integer"}',
    "typo.json": '{"type":"strng"}',
    "object.json": '{"name":"look"}',
    "unnamed.json": '[{"title":"look"}]',
    "cases/README": "",
  });
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const start = (args: readonly string[], more: Partial<RunOptions> = {}): ReturnType<typeof startTrust> =>
  startTrust(["dialect", ...args], { home, cwd: workspace.path, ...more });
const run = (args: readonly string[], input = ""): Promise<Finished> => start(args, { input }).finished;
const accepts = ["accepts", "--schema", "integer.json"];

describe("trust dialect accepts", () => {
  test("answers while the input is still open, and Ctrl-C ends it", async () => {
    const running = start(accepts, { input: '"42"\n"x"\n', keepsInputOpen: true });
    await waitUntil("an answer to each line", () => running.stdout() === "true\nfalse\n");
    running.child.kill("SIGINT");
    expect((await running.finished).status).toBe(130);
  });

  test("answers what stands before a line that is no text, then names that line", async () => {
    const { status, stdout, stderr } = await run(accepts, '"42"\n\nnope\n"7"\n');
    expect([status, stdout, stderr]).toEqual([
      2,
      "true\n",
      expect.stringMatching(/^Line 3 on stdin is not valid JSON/),
    ]);
  });
});

test.each([
  [[...accepts, "--json"], "one answer a line"],
  [["parse", "--cases", "object.json", "--templates", ".", "--json"], "one answer a line"],
  [["parse", "--cases", "cases", "--templates", "."], "cases cannot be read"],
  [["parse", "--cases", "missing", "--templates", "."], "missing cannot be read"],
  [["parse", "--tools", "object.json"], "object.json: "],
  [["parse", "--tools", "unnamed.json"], "unnamed.json holds what is no tool signature"],
  [["grammar", "--schema", "typo.json"], "typo.json is no JSON Schema"],
  [["accepts", "--schema", "typo.json"], "typo.json is no JSON Schema"],
  [["show", "-m", "http://127.0.0.1:9"], "--template FILE"],
])("trust dialect %j is refused as wrong use", async (args, words) => {
  const { status, stdout, stderr } = await run(args, "hi");
  expect([status, stdout + stderr]).toEqual([2, expect.stringContaining(words)]);
});
