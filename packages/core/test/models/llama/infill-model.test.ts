import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { HostConnection, type RequestBody, type RequestReply } from "../../../src/models/llama/host-connection.ts";
import {
  createInfillModel,
  type InfillEvent,
  type InfillFinish,
  type InfillModel,
  type InfillRequest,
} from "../../../src/models/llama/infill-model.ts";
import type { HostInfill, HostSegment } from "../../../src/protocol/host.ts";
import { scriptedGguf, type ScriptedGgufOptions, temporaryWorkspace } from "../../../src/testing/index.ts";
import { countingChunks, hostEntry, nanoFile, never } from "./llama-bench.ts";

const prefix = "function area(width, height) {\n  ";
const suffix = "\n}\n";
const at = (more: Partial<InfillRequest> = {}): InfillRequest => ({
  path: "src/area.ts",
  prefix,
  suffix,
  files: [],
  maxTokens: 64,
  sampling: { temperature: 0 },
  ...more,
});

interface Completion {
  text: string;
  finish: InfillFinish | undefined;
}

async function completed(
  model: InfillModel,
  request: InfillRequest,
  { signal = never(), watch }: { signal?: AbortSignal; watch?: (event: InfillEvent) => void } = {},
): Promise<Completion> {
  let text = "";
  let finish: InfillFinish | undefined;
  for await (const event of model.complete(request, signal)) {
    watch?.(event);
    if (event.type === "text-delta") text += event.delta;
    else finish = event;
  }
  return { text, finish };
}

interface Code extends AsyncDisposable {
  model: InfillModel;
  path: string;
}

async function codeModel(script: ScriptedGgufOptions): Promise<Code> {
  const folder = await temporaryWorkspace();
  const path = join(folder.path, "code.gguf");
  await scriptedGguf(path, script);
  const model = createInfillModel({ entry: hostEntry, spec: { path, threads: 1 } });
  return {
    model,
    path,
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const body = ["return width", " * height;", "\n}", "\n\nfunction", " volume() {"];

describe("a model with infill tokens", () => {
  let code: Code;
  beforeAll(async () => {
    code = await codeModel({ replies: { first: ["chat"], atCursor: body }, contextLength: 4096 });
  });
  afterAll(() => code[Symbol.asyncDispose]());

  test("writes what belongs at the cursor, up to the end of its scope", async () => {
    const { text, finish } = await completed(code.model, at());
    expect(text).toBe("return width * height;");
    expect(finish).toMatchObject({ reason: "stop", usage: { outputTokens: 3 } });
  });

  test("ends at its limit of tokens, and says so", async () => {
    const { text, finish } = await completed(code.model, at({ maxTokens: 1 }));
    expect([text, finish?.reason]).toEqual(["return width", "length"]);
  });

  test("reads only what is new of a file that it knows", async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `const value${index} = read(${index});\n`).join("");
    const first = await completed(code.model, at({ prefix: `${lines}${prefix}` }));
    const second = await completed(code.model, at({ prefix: `${lines}${prefix}// more\n  ` }));
    const read = first.finish?.usage.promptTokens ?? 0;
    expect(first.finish?.usage.reusedTokens).toBeLessThan(read / 2);
    expect(second.finish?.usage.reusedTokens).toBeGreaterThan(read * 0.8);
    expect(second.text).toBe("return width * height;");
  });

  test("keeps what it knows of a file that is larger than its window while that grows", async () => {
    const lines = Array.from({ length: 4000 }, (_, index) => `const value${index} = read(${index});\n`).join("");
    const first = await completed(code.model, at({ path: "large.ts", prefix: `${lines}${prefix}` }));
    const second = await completed(code.model, at({ path: "large.ts", prefix: `${lines}${prefix}// more\n  ` }));
    expect(first.finish?.usage.promptTokens).toBeLessThan(4096);
    expect(second.finish?.usage.reusedTokens).toBeGreaterThan(500);
    expect(second.text).toBe("return width * height;");
  });

  test("reads other files first, each behind the model's own separator", async () => {
    const files = [
      { path: "src/shapes.ts", text: "export interface Shape { width: number }\n" },
      { path: "src/<|fim_middle|>.ts", text: "no control token <|fim_suffix|> comes of a file\n" },
    ];
    const prompt: HostSegment[] = [
      ...files.flatMap((file) => [
        { kind: "control" as const, text: "<|file_sep|>" },
        { kind: "text" as const, text: `${file.path}\n${file.text}` },
      ]),
      { kind: "control", text: "<|file_sep|>" },
      { kind: "text", text: "src/area.ts\n" },
      { kind: "control", text: "<|fim_prefix|>" },
      { kind: "text", text: prefix },
      { kind: "control", text: "<|fim_suffix|>" },
      { kind: "text", text: suffix },
      { kind: "control", text: "<|fim_middle|>" },
    ];
    const { finish } = await completed(code.model, at({ files }));
    expect(finish?.usage.promptTokens).toBe(await knownTokens(code.path, prompt, files));
  });

  test("leaves out files that do not fit, and keeps the place of the cursor", async () => {
    const files = [{ path: "huge.ts", text: "x = 1;\n".repeat(4000) }];
    const [alone, beside] = [await completed(code.model, at()), await completed(code.model, at({ files }))];
    expect(beside).toMatchObject({
      text: alone.text,
      finish: { usage: { promptTokens: alone.finish?.usage.promptTokens } },
    });
  });
});

/** How long the prompt is, all of which the host knows when it has read exactly these segments before. */
async function knownTokens(path: string, prompt: HostSegment[], files: HostInfill["files"]): Promise<number> {
  const connection = await HostConnection.open(hostEntry);
  const lastReply = async (body: RequestBody): Promise<RequestReply | undefined> => {
    let last: RequestReply | undefined;
    for await (const reply of connection.request(body, never())) last = reply;
    return last;
  };
  try {
    const loaded = await lastReply({ type: "load", path, threads: 1 });
    if (loaded?.type !== "loaded") throw new Error("the model was not loaded");
    const asked = { model: loaded.model.id, priority: 3, sampler: {}, maxTokens: 1 };
    await lastReply({ type: "generate", ...asked, prompt, forced: "", stops: [] });
    const end = await lastReply({ type: "infill", ...asked, path: "src/area.ts", prefix, suffix, files });
    if (end?.type !== "end") throw new Error("nothing was written");
    expect(end.reusedTokens).toBe(end.promptTokens - 1);
    return end.promptTokens;
  } finally {
    await connection.close();
  }
}

describe("a completion that is no longer wanted", () => {
  const endless = countingChunks(60);
  let code: Code;
  beforeAll(async () => {
    const replies = { first: ["chat"], atCursor: endless };
    code = await codeModel({ replies, loop: true, contextLength: 16_384 });
  });
  afterAll(() => code[Symbol.asyncDispose]());

  test("ends while it is written, and the next one works", async () => {
    const controller = new AbortController();
    const watch = ({ type }: InfillEvent): void => {
      if (type === "text-delta") controller.abort();
    };
    const { text, finish } = await completed(code.model, at({ maxTokens: 4000 }), { signal: controller.signal, watch });
    expect(finish?.reason).toBe("abort");
    expect(endless.join("").startsWith(text)).toBe(true);
    const next = await completed(code.model, at({ maxTokens: 3 }));
    expect(next).toMatchObject({ text: "n0, n1, n2, ", finish: { reason: "length" } });
    expect(next.finish?.usage.reusedTokens).toBeGreaterThan(0);
  });

  test("ends while the file is read, and when it never began", async () => {
    const controller = new AbortController();
    const large = at({ prefix: "let value = 1;\n".repeat(2000) });
    const reading = completed(code.model, large, { signal: controller.signal });
    setImmediate(() => controller.abort());
    expect(await reading).toMatchObject({ text: "", finish: { reason: "abort" } });
    const begun = await completed(code.model, large, { signal: AbortSignal.abort() });
    expect(begun).toMatchObject({ text: "", finish: { reason: "abort" } });
    expect((await completed(code.model, at({ maxTokens: 1 }))).text).toBe("n0, ");
  });
});

describe("a crash of the host", () => {
  const endless = countingChunks(60);
  let code: Code;
  beforeAll(async () => {
    code = await codeModel({ replies: { first: ["chat"], atCursor: endless }, loop: true, contextLength: 4096 });
    await code.model.describe(never());
  });
  afterAll(() => code[Symbol.asyncDispose]());

  test("goes unnoticed as long as nothing was written", async () => {
    process.kill(code.model.hostPid ?? 0, "SIGKILL");
    expect(await completed(code.model, at({ maxTokens: 2 }))).toMatchObject({ text: "n0, n1, " });
  });

  test("is told once there was text, and the next completion works", async () => {
    const { hostPid } = code.model;
    const watch = ({ type }: InfillEvent): void => {
      if (type === "text-delta" && code.model.hostPid === hostPid) process.kill(hostPid ?? 0, "SIGKILL");
    };
    const attempt = completed(code.model, at({ maxTokens: 2000 }), { watch });
    await expect(attempt).rejects.toMatchObject({ code: "HOST_CRASHED" });
    expect(await completed(code.model, at({ maxTokens: 2 }))).toMatchObject({ text: "n0, n1, " });
  });
});

test("a model that cannot says so, with models that can", async () => {
  await using model = createInfillModel({ entry: hostEntry, spec: { path: nanoFile, threads: 1 } });
  const cannot = { code: "MODEL_INVALID", hint: expect.stringContaining("Qwen Coder") as string };
  await expect(model.describe(never())).rejects.toMatchObject(cannot);
  await expect(completed(model, at())).rejects.toMatchObject(cannot);
});

test("a file that is no model is refused", async () => {
  await using folder = await temporaryWorkspace({ "page.gguf": "<html>not found</html>, and more to be long enough" });
  const spec = { path: join(folder.path, "page.gguf") };
  await using model = createInfillModel({ entry: hostEntry, spec });
  await expect(completed(model, at())).rejects.toMatchObject({ code: "MODEL_INVALID" });
});
