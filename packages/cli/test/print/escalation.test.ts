import { callTool, fakeOpenAiServer, say, temporaryWorkspace } from "@trust-cli/core/testing";
import { beforeAll, expect, test } from "vitest";

import { buildProgram, scratchHome, trust } from "../support/program.ts";

beforeAll(buildProgram);

const read = callTool("read_file", { path: "a.txt" });
const stuck = Array.from({ length: 8 }, () => read);

test("a larger model takes over when the one in use goes in circles, where the person says so", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "a.txt": "alpha\n" });
  await using small = await fakeOpenAiServer([...stuck, say("One more?"), say("Again.")]);
  await using large = await fakeOpenAiServer([say("It says alpha.")]);
  const run = (...args: string[]) => trust(["-m", small.url, ...args], { home, cwd: workspace.path });
  await run("config", "set", "escalation.model", large.url);
  const { status, stdout, stderr } = await run("-p", "what does a.txt say?");
  expect([status, stdout]).toEqual([0, "It says alpha.\n"]);
  expect(stderr).toContain("takes over for this turn");
  const body = JSON.stringify(large.requests.at(-1)?.body);
  expect(body).toContain("The model before you got stuck.");
  expect(body).toContain("what does a.txt say?");
  const again = await run("-c", "-p", "and now?");
  expect(again.stdout).toBe("One more?\n");
  expect(JSON.stringify(small.requests.at(-1)?.body)).toContain("It says alpha.");
});

test("without that setting the turn ends as it did", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "a.txt": "alpha\n" });
  await using small = await fakeOpenAiServer(stuck);
  const { status } = await trust(["-m", small.url, "-p", "what does a.txt say?"], { home, cwd: workspace.path });
  expect(status).not.toBe(0);
});

test("a model elsewhere does not take over for one on this machine unless that is allowed, too", async () => {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "a.txt": "alpha\n" });
  await using small = await fakeOpenAiServer(stuck);
  const run = (...args: string[]) => trust(args, { home, cwd: workspace.path });
  await run("config", "set", "escalation.model", "http://192.0.2.1/v1");
  const { status, stderr } = await run("-m", small.url, "-p", "what does a.txt say?");
  expect(status).not.toBe(0);
  expect(stderr).toContain("http://192.0.2.1/v1 did not take over: it is elsewhere, and escalation.remote is not set");
});
