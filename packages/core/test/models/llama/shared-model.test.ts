import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { sharedHostStatus } from "../../../src/models/llama/shared-host.ts";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import {
  countingChunks,
  finishOf,
  hostEntry,
  never,
  ofType,
  openModel,
  replyTo,
  request,
  textOf,
} from "./llama-bench.ts";
import { sharedRig, until } from "./shared-host-bench.ts";

const chunks = countingChunks(250);
/** Lasts until both sessions have heard of it, on a busy machine too. */
const longChunks = countingChunks(500);
let folder: TemporaryWorkspace;
let path: string;
let long: string;
let endless: string;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  path = join(folder.path, "counting.gguf");
  long = join(folder.path, "long.gguf");
  endless = join(folder.path, "endless.gguf");
  await scriptedGguf(path, { replies: { first: chunks }, contextLength: 4096 });
  await scriptedGguf(long, { replies: { first: longChunks }, contextLength: 4096 });
  await scriptedGguf(endless, { replies: { first: chunks }, loop: true, contextLength: 65_536 });
});
afterAll(() => folder[Symbol.asyncDispose]());

const realHost = { args: hostEntry.args };

test("two sessions use one model in one host, and both answer", async () => {
  await using rig = await sharedRig(realHost);
  await using first = openModel(path, { entry: rig.entry });
  await using second = openModel(path, { entry: rig.entry });
  const replies = await Promise.all([first, second].map((model) => replyTo(model, request("Count."))));
  expect(replies.map(textOf)).toEqual([chunks.join(""), chunks.join("")]);
  expect(second.hostPid).toBe(first.hostPid);
  const status = await sharedHostStatus(rig.shared, never());
  expect(status?.models).toMatchObject([{ path, busy: 0 }]);
  expect(status?.clients).toHaveLength(2);
});

test("a host that is aborted in the middle of two replies loses neither: both go on in one new host", async () => {
  await using rig = await sharedRig(realHost);
  await using first = openModel(long, { entry: rig.entry });
  await using second = openModel(long, { entry: rig.entry });
  await Promise.all([first, second].map((model) => model.describe(never())));
  const heard = [0, 0];
  let isKilled = false;
  const watch = (index: number) => (event: { type: string }) => {
    if (event.type !== "text-delta") return;
    heard[index] = (heard[index] ?? 0) + 1;
    if (isKilled || heard.some((count) => count < 2)) return;
    isKilled = true;
    process.kill(first.hostPid ?? 0, "SIGABRT");
  };
  const replies = await Promise.all(
    [first, second].map((model, index) => replyTo(model, request("Count."), { watch: watch(index) })),
  );
  for (const events of replies) {
    expect(ofType(events, "model-restart")).toHaveLength(1);
    expect(textOf(events)).toBe(longChunks.join(""));
    expect(finishOf(events)).toMatchObject({ reason: "stop" });
  }
  expect(rig.started()).toHaveLength(2);
});

test("a session that is killed leaves no work behind in the host", async () => {
  await using rig = await sharedRig(realHost);
  await using model = openModel(endless, { entry: rig.entry });
  await model.describe(never());
  const busy = async (): Promise<number | undefined> =>
    (await sharedHostStatus(rig.shared, never()))?.models.find((one) => one.path === endless)?.busy;
  const client = await rig.client(1, endless);
  await until(async () => (await busy()) === 1);
  client.process.kill("SIGKILL");
  await until(async () => (await busy()) === 0);
  expect(textOf(await replyTo(model, request("Count.", { maxTokens: 3 })))).toBe("n0, n1, n2, ");
});
