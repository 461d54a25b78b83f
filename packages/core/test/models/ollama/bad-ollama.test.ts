import type { ServerResponse } from "node:http";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";

import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";

import { createOllamaModel } from "../../../src/models/ollama/index.ts";
import type { ModelRequest } from "../../../src/ports/model.ts";
import type { ModelEvent } from "../../../src/protocol/model-events.ts";
import { startFakeServer } from "../../../src/testing/fake-server.ts";
import { fakeOllamaServer } from "../../../src/testing/index.ts";

const never = (): AbortSignal => new AbortController().signal;

const request: ModelRequest = {
  messages: [{ role: "user", text: "Go on." }],
  tools: [],
  toolChoice: "auto",
  maxTokens: 64,
  sampling: {},
};

async function reply(url: string, silenceSeconds = 5): Promise<ModelEvent[]> {
  await using model = createOllamaModel({ url, model: "fake", offline: true, allowRemote: false, silenceSeconds });
  return await Array.fromAsync(model.stream(request, never()));
}

async function replyTo(answer: (response: ServerResponse) => void, silenceSeconds?: number): Promise<ModelEvent[]> {
  await using server = await fakeOllamaServer([], { answer });
  return await reply(server.url, silenceSeconds);
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const hello = line({ message: { content: "Hello" }, done: false });

describe("a reply that is broken", () => {
  test.each([
    ["garbage", "<html>nothing here</html>\n", "not valid JSON", "MODEL_FAILED"],
    ["half a line", '{"message":{"content":"Hel', "not valid JSON", "MODEL_FAILED"],
    ["a number", "5\n", "no part of a reply", "MODEL_FAILED"],
    ["a message of the wrong kind", line({ message: { content: 5 } }), "expected string", "MODEL_FAILED"],
    ["a crash", hello + line({ error: "llama runner process has terminated" }), "has terminated", "MODEL_LOST"],
    ["no end", hello, "in the middle of its reply", "MODEL_LOST"],
    ["nothing", "", "in the middle of its reply", "MODEL_LOST"],
  ])("by %s ends with one error in words, and nothing is printed", async (_, sent, words, code) => {
    const printed = (["log", "warn", "error"] as const).map((name) => vi.spyOn(console, name));
    const events = await replyTo((response) => response.end(sent));
    expect(events.filter(({ type }) => type === "finish")).toMatchObject([
      { reason: "error", error: { code, message: expect.stringContaining(words) as unknown } },
    ]);
    expect(printed.flatMap((spy) => spy.mock.calls)).toEqual([]);
  });

  test("by a cut connection ends with an error, and what was said stays said", async () => {
    const events = await replyTo((response) => {
      response.write(hello, () => response.destroy());
    });
    expect(events).toMatchObject([
      { type: "text-delta", delta: "Hello" },
      { reason: "error", error: { code: "MODEL_LOST" } },
    ]);
  });

  test.each([
    [500, { error: "model requires more system memory (5.6 GiB) than is available (2.0 GiB)" }, /5\.6 GiB/, /smaller/],
    [500, { error: "unexpected EOF" }, /status 500: unexpected EOF/, undefined],
    [400, { error: '"fake" does not support chat' }, /no chat model/, /trust model list/],
    [503, "server busy, please try again", /server busy/, undefined],
    [307, "", /redirects elsewhere/, /final address/],
  ])("by status %i is reported in the server's words", async (status, body, words, hint) => {
    const [finish] = await replyTo((response) => {
      response.writeHead(status, { "content-type": "application/json", location: "http://127.0.0.1:1/" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    const said = finish?.type === "finish" ? finish.error : undefined;
    expect(said?.message).toMatch(words);
    if (hint !== undefined) expect(said?.hint).toMatch(hint);
  });

  test("by silence, at once or after its first words, ends with an error", async () => {
    const silent = await replyTo(() => undefined, 0.2);
    const error = { code: "MODEL_UNREACHABLE", message: expect.stringContaining("said nothing for 0.2 s") as unknown };
    expect(silent.at(-1)).toMatchObject({ reason: "error", error });
    const interrupted = await replyTo((response) => void response.write(hello), 0.2);
    expect(interrupted.at(-1)).toMatchObject({ reason: "error", error });
  });

  test("by a line without an end is stopped", async () => {
    const events = await replyTo((response) => {
      const megabyte = "a".repeat(1024 * 1024);
      const more = async (): Promise<void> => {
        while (!response.destroyed) {
          await new Promise((resolve) => response.write(megabyte, resolve));
          await setImmediate();
        }
      };
      void more();
    });
    expect(events.at(-1)).toMatchObject({
      error: { message: expect.stringContaining("a line without an end") as unknown },
    });
  });
});

describe("a server that is no Ollama", () => {
  test.each([
    ["says nothing", () => undefined],
    ["drips its answer", (response: ServerResponse) => void drip(response)],
    ["answers with a page", (response: ServerResponse) => response.end("<html>hello</html>")],
    ["answers with other JSON", (response: ServerResponse) => response.end('{"details": 5}')],
    ["closes the connection", (response: ServerResponse) => response.destroy()],
  ])("and %s is an error in words, soon", async (_, answer) => {
    await using server = await startFakeServer((__, response) => {
      answer(response);
    });
    const events = await reply(server.origin, 0.3);
    expect(events).toMatchObject([{ type: "finish", reason: "error" }]);
    expect(events[0]).toMatchObject({ error: { code: expect.stringMatching(/^MODEL_/) as unknown } });
  });
});

async function drip(response: ServerResponse): Promise<void> {
  response.write("{");
  while (!response.destroyed) {
    response.write(" ");
    await sleep(20);
  }
}

test("no line, however strange, is more than an error", async () => {
  let sent = "";
  await using server = await fakeOllamaServer([], { answer: (response) => response.end(`${sent}\n`) });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
      sent = text;
      const finishes = (await reply(server.url)).filter(({ type }) => type === "finish");
      expect(finishes).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});
