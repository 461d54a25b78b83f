import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { HostConnection } from "../../../src/models/llama/host-connection.ts";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { finishOf, hostEntry, never, openModel, replyTo, request, textOf } from "./llama-bench.ts";

let folder: TemporaryWorkspace;
let good: string;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  good = join(folder.path, "good.gguf");
  await scriptedGguf(good, { replies: { first: ["Hello ", "there."] }, contextLength: 1024 });
});
afterAll(() => folder[Symbol.asyncDispose]());

/** A copy of the good file, spoilt. */
async function spoilt(name: string, spoil: (bytes: Buffer) => Buffer): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, spoil(await readFile(good)));
  return path;
}

describe("a model file that cannot be used", () => {
  let host: HostConnection;
  beforeAll(async () => {
    host = await HostConnection.open(hostEntry);
  });
  afterAll(() => host.close());

  const load = (path: string) => Array.fromAsync(host.request({ type: "load", path }, never()));

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ["truncated", (bytes) => bytes.subarray(0, bytes.length - 100_000)],
    ["cut off in its header", (bytes) => bytes.subarray(0, 500)],
    ["empty", () => Buffer.alloc(0)],
    ["foreign", () => Buffer.from("PK\u0003\u0004 this is another kind of file ".repeat(100))],
    ["corrupt in its header", (bytes) => Buffer.from(bytes).fill(0xff, 24, 400)],
  ])("is named as such when it is %s, and the host lives on", async (name, spoil) => {
    await expect(load(await spoilt(`${name}.gguf`, spoil))).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringMatching(/\w/),
    });
    expect(host.crashed).toBeUndefined();
    expect((await load(good)).at(-1)).toMatchObject({ type: "loaded", model: { contextSize: 1024 } });
  });
});

test("a file that llama.cpp refuses is named, with what llama.cpp said of it", async () => {
  const foreign = (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString("latin1").replaceAll("llama", "llamx"), "latin1");
  const path = await spoilt("unknown.gguf", foreign);
  await using model = openModel(path);
  await expect(model.describe(never())).rejects.toMatchObject({
    code: "MODEL_INVALID",
    message: expect.stringMatching(/unknown\.gguf.*unknown model architecture/) as unknown,
    hint: expect.stringContaining("nano") as unknown,
  });
});

test.skipIf(process.platform !== "linux")("a window that memory cannot hold is named as such", async () => {
  const path = join(folder.path, "wide.gguf");
  await scriptedGguf(path, { replies: { first: ["Never said."] }, contextLength: 2 ** 24 });
  const limited = ["-c", 'ulimit -v 14000000 && exec "$0" "$@"', hostEntry.command, ...hostEntry.args];
  await using model = openModel(path, { contextSize: 2 ** 24, entry: { command: "bash", args: limited } });
  await expect(model.describe(never())).rejects.toMatchObject({
    code: "MODEL_FAILED",
    message: expect.stringContaining("not enough memory") as unknown,
    hint: "trust config set context.size 4096",
  });
});

test("a reply of a broken model is an error in words; once the file is complete, the model answers", async () => {
  const path = await spoilt("late.gguf", (bytes) => bytes.subarray(0, 5000));
  await using model = openModel(path);
  expect(finishOf(await replyTo(model, request("Hello?")))).toMatchObject({
    reason: "error",
    error: { code: "MODEL_INVALID" },
  });
  await copyFile(good, path);
  expect(textOf(await replyTo(model, request("Hello?")))).toBe("Hello there.");
});

test("a window larger than the model was made for is refused, with the size that works", async () => {
  await using model = openModel(good, { contextSize: 4096 });
  await expect(model.describe(never())).rejects.toMatchObject({
    code: "MODEL_INVALID",
    hint: expect.stringContaining("1024"),
  });
});

test("a bad file asked for after an abort harms nobody", async () => {
  await using model = openModel(join(folder.path, "absent.gguf"));
  const events = await replyTo(model, request("Hello?"), { signal: AbortSignal.abort() });
  expect(finishOf(events)?.reason).toBe("abort");
  expect(model.hostPid).toBeUndefined();
});
