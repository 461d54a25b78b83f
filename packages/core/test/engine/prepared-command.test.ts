import { expect, test } from "vitest";
import * as z from "zod";

import type { Tool } from "../../src/ports/index.ts";
import { ok } from "../../src/protocol/index.ts";
import { callTool, say } from "../../src/testing/index.ts";
import { results, turnBench } from "./turn-bench.ts";

const check: Tool<Record<string, never>> = {
  name: "check",
  description: "Check",
  risk: "command",
  commandIsPrepared: true,
  input: z.strictObject({}),
  subject: () => ".",
  prepare: () =>
    Promise.resolve(
      ok({ command: "npx eslint src", run: () => Promise.resolve({ status: "ok", text: "fine", summary: "fine" }) }),
    ),
};

async function statusUnder(gate: { mode: "auto" | "edit" | "plan"; allow?: string[]; deny?: string[] }) {
  await using bench = await turnBench([callTool("check", {}), say("Done.")], { gate, tools: [check] });
  const [result] = results(await bench.ask("Check"));
  return result?.status;
}

test("a command that only the prepared call knows is held against the rules for commands", async () => {
  expect(await statusUnder({ mode: "auto" })).toBe("ok");
  expect(await statusUnder({ mode: "auto", deny: ["run_command(npx eslint*)"] })).toBe("refused");
  expect(await statusUnder({ mode: "auto", deny: ["check"] })).toBe("refused");
  expect(await statusUnder({ mode: "plan" })).toBe("refused");
});

test("it is allowed by its own name, also with a pattern of the command", async () => {
  expect(await statusUnder({ mode: "edit" })).toBe("refused");
  expect(await statusUnder({ mode: "edit", allow: ["check"] })).toBe("ok");
  expect(await statusUnder({ mode: "edit", allow: ["check(npx eslint*)"] })).toBe("ok");
  expect(await statusUnder({ mode: "edit", allow: ["check(npx tsc*)"] })).toBe("refused");
});
