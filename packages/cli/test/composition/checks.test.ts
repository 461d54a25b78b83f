import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createGate } from "@trust-cli/core/policy";
import { afterEach, describe, expect, test } from "vitest";

import { lazyChecks } from "../../src/composition/checks.ts";

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** A project whose checker leaves a trace and finds one error. */
function project(): string {
  const root = realpathSync.native(mkdtempSync(join(tmpdir(), "trust-test-")));
  folders.push(root);
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  writeFileSync(join(root, "tsconfig.json"), "{}");
  writeFileSync(join(root, "a.ts"), "");
  const tsc = join(root, "node_modules/.bin/tsc");
  writeFileSync(tsc, '#!/bin/sh\ntouch ran\necho "a.ts(1,1): error TS1: wrong"\nexit 2\n');
  chmodSync(tsc, 0o755);
  return root;
}

type Rules = Pick<Parameters<typeof createGate>[0], "mode"> & { allow?: string[]; deny?: string[] };

async function afterChange({ mode, allow = [], deny = [] }: Rules) {
  const root = project();
  const asked: unknown[] = [];
  const ask = async (request: unknown) => {
    asked.push(request);
    return { decision: "yes" } as const;
  };
  const checks = lazyChecks({ root, gate: createGate({ mode, allow, deny, ask }), seconds: 20 });
  const told = await checks.after(["a.ts"], new AbortController().signal);
  return { told, hasRun: existsSync(join(root, "ran")), asked: asked.length, latest: checks.latest().length };
}

const ran = { told: ["a.ts:1:1: error TS1: wrong (tsc)"], hasRun: true, asked: 0, latest: 1 };
const didNot = { told: [], hasRun: false, asked: 0, latest: 0 };

describe("behind a change a checker runs by itself", () => {
  test.each<[string, Rules]>([
    ["in mode auto", { mode: "auto" }],
    ["where run_checks is allowed", { mode: "edit", allow: ["run_checks"] }],
    ["where its very command line is allowed", { mode: "edit", allow: ["run_command(node_modules/.bin/tsc *)"] }],
  ])("%s", async (_where, rules) => {
    expect(await afterChange(rules)).toEqual(ran);
  });
});

describe("and never, without asking,", () => {
  test.each<[string, Rules]>([
    ["in mode edit", { mode: "edit" }],
    ["in mode plan", { mode: "plan" }],
    ["where another command is allowed", { mode: "edit", allow: ["run_command(npm test)"] }],
    ["where its command line is denied", { mode: "auto", deny: ["run_command(*tsc*)"] }],
    ["where run_checks is denied", { mode: "auto", allow: ["run_command"], deny: ["run_checks"] }],
  ])("%s", async (_where, rules) => {
    expect(await afterChange(rules)).toEqual(didNot);
  });
});

test("a review before any change runs nothing", async () => {
  const gate = createGate({ mode: "auto", allow: [], deny: [], ask: undefined });
  const root = project();
  const checks = lazyChecks({ root, gate, seconds: 20 });
  expect([await checks.review(new AbortController().signal), checks.latest(), existsSync(join(root, "ran"))]).toEqual([
    undefined,
    [],
    false,
  ]);
});
