import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import type { LlamaModel } from "../../../src/models/llama/llama-model.ts";
import { hostProtocolVersion } from "../../../src/protocol/host.ts";
import { parseUnknownJson } from "../../../src/protocol/json.ts";
import { temporaryFolder } from "../../workspace/temporary-folder.ts";
import { finishOf, gone, hostEntry, never, ofType, openModel, replyTo, request, textOf } from "./llama-bench.ts";
import { until } from "./shared-host-bench.ts";

const fixture = fileURLToPath(new URL("./fixtures/bad-host.ts", import.meta.url));

function badModel(fault: string, backend = "cpu"): LlamaModel {
  const args = ["--conditions=@trust-cli/source", fixture, fault, join(temporaryFolder(), "mark")];
  return openModel("unused.gguf", { entry: { command: process.execPath, args, backend } });
}

test("a reply goes on after the host died in the middle of a line", async () => {
  await using model = badModel("torn-text");
  const events = await replyTo(model, request("Hello?"));
  expect(textOf(events)).toBe("Hello.");
  expect(ofType(events, "model-restart")).toMatchObject([{ reason: expect.stringContaining("was killed") as unknown }]);
  expect(finishOf(events)).toMatchObject({ reason: "stop" });
});

test("a count goes on after the host died in the middle of a line", async () => {
  await using model = badModel("torn-count");
  expect(await model.countTokens({ messages: [{ role: "user", text: "Hello?" }], tools: [] }, never())).toBe(7);
});

test("a model that ends its host while it is loaded on a GPU is loaded again", async () => {
  await using model = badModel("dies-loading", "vulkan");
  expect(textOf(await replyTo(model, request("Hello?")))).toBe("Hello.");
});

test("a model that ends its host while it is loaded on the CPU is not", async () => {
  await using model = badModel("dies-loading", "cpu");
  await expect(model.describe(never())).rejects.toMatchObject({ code: "HOST_CRASHED" });
});

test("a host that speaks something else is killed, and the reply ends with an error in words", async () => {
  await using model = badModel("foreign");
  const described = model.describe(never());
  let pid: number | undefined;
  void until(() => (pid = model.hostPid) !== undefined);
  await expect(described).rejects.toMatchObject({
    code: "HOST_CRASHED",
    message: "The model host sent what is not its protocol",
    hint: "trust doctor",
  });
  expect(await gone(pid)).toBe(true);
});

test("a host of another version is not used", async () => {
  await using model = badModel("protocol");
  const events = await replyTo(model, request("Hello?"));
  expect(ofType(events, "model-restart")).toEqual([]);
  expect(finishOf(events)).toMatchObject({
    reason: "error",
    error: { code: "HOST_MISSING", message: expect.stringContaining("protocol 3") as unknown, hint: "npm run build" },
  });
});

test("a host refuses to work for a program of another version", async () => {
  const host = spawn(hostEntry.command, hostEntry.args, { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: host.stdout });
  host.stdin.write('{"type":"hello","protocol":99}\n{"type":"count","request":1,"model":1,"prompt":[]}\n');
  const replies: unknown[] = [];
  for await (const line of lines) {
    const reply = parseUnknownJson(line, "model host");
    if (!line.includes('"beat"')) replies.push(reply);
    if (replies.length === 2) break;
  }
  host.stdin.end();
  expect(replies).toMatchObject([
    { type: "hello", protocol: hostProtocolVersion },
    { type: "failed", request: 1, error: { code: "HOST_MISSING", hint: "npm run build" } },
  ]);
});
