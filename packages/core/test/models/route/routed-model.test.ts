import { describe, expect, test } from "vitest";

import { createOpenAiModel } from "../../../src/models/openai/index.ts";
import { createRoutedModel, type Route } from "../../../src/models/route/index.ts";
import type { ModelPort, ModelRequest } from "../../../src/ports/model.ts";
import { type ErrorCode, TrustError } from "../../../src/protocol/errors.ts";
import { type ModelEvent, noUsage } from "../../../src/protocol/model-events.ts";
import { fakeOpenAiServer, manualClock, say, scriptedModel } from "../../../src/testing/index.ts";

const never = (): AbortSignal => new AbortController().signal;

const request: ModelRequest = {
  messages: [{ role: "user", text: "Go on." }],
  tools: [],
  toolChoice: "auto",
  maxTokens: 64,
  sampling: {},
};

const text = (delta: string): ModelEvent => ({ type: "text-delta", delta });
const call = (id: string): ModelEvent => ({
  type: "call-end",
  call: { id, name: "git_status", args: {}, raw: "{}", via: "native", repairs: [] },
});
const dies = (code: ErrorCode = "MODEL_LOST"): ModelEvent => ({
  type: "finish",
  reason: "error",
  usage: noUsage,
  error: { code, message: `it says ${code}` },
});
const stops: ModelEvent = { type: "finish", reason: "stop", usage: noUsage };

interface Backend extends Route {
  /** Requests so far. */
  asked: () => number;
  isDisposed: () => boolean;
}

/** A backend that answers each request with the next of these replies, and the last one ever after. */
function backend(
  id: string,
  replies: readonly (readonly ModelEvent[])[],
  { local = true, told = local, describes }: { local?: boolean; told?: boolean; describes?: TrustError } = {},
): Backend {
  let asked = 0;
  let isDisposed = false;
  const port: ModelPort = {
    describe: async () => {
      if (describes !== undefined) throw describes;
      return { id, name: id, contextSize: 4096, local: told };
    },
    countTokens: () => Promise.resolve(id.length),
    async *stream() {
      yield* replies[Math.min(asked++, replies.length - 1)] ?? [];
    },
    downgrade: () => ({ from: id, to: "simple" }),
    [Symbol.asyncDispose]: async () => {
      isDisposed = true;
    },
  };
  return { id, open: () => ({ port, local }), asked: () => asked, isDisposed: () => isDisposed };
}

const unreachable = new TrustError("MODEL_UNREACHABLE", "no server answers");

const routed = (
  routes: readonly Route[],
  more: { allowRemote?: boolean; clock?: ReturnType<typeof manualClock> } = {},
) =>
  createRoutedModel({
    routes: routes as [Route, ...Route[]],
    allowRemote: false,
    pause: () => Promise.resolve(),
    ...more,
  });

const ask = (port: ModelPort, signal = never()): Promise<ModelEvent[]> => Array.fromAsync(port.stream(request, signal));
const types = (events: readonly ModelEvent[]): string[] => events.map(({ type }) => type);

describe("a backend that does not answer", () => {
  test("is asked three times more, and then the next one goes on", async () => {
    const first = backend("first", [[dies("MODEL_UNREACHABLE")]]);
    const second = backend("second", [[text("Hello."), stops]]);
    await using port = routed([first, second]);
    const events = await ask(port);
    expect(events).toEqual([
      { type: "notice", text: "first cannot go on (it says MODEL_UNREACHABLE). second does." },
      text("Hello."),
      stops,
    ]);
    expect([first.asked(), second.asked()]).toEqual([4, 1]);
    await ask(port);
    expect([first.asked(), second.asked()]).toEqual([4, 2]);
    expect(await port.countTokens(request, never())).toBe("second".length);
    expect(port.downgrade?.()).toEqual({ from: "second", to: "simple" });
  });

  test("may answer at another attempt, and nobody hears of it", async () => {
    const only = backend("only", [[dies()], [dies()], [text("Hello."), stops]]);
    await using port = routed([only]);
    expect(await ask(port)).toEqual([text("Hello."), stops]);
  });

  test("is not asked again when it took its time", async () => {
    const clock = manualClock();
    const slow = backend("slow", [[dies("MODEL_UNREACHABLE")]]);
    const { port } = await slow.open();
    const waits: Route = {
      id: "slow",
      open: () => ({
        local: true,
        port: {
          ...port,
          stream: (asked, signal) => {
            clock.advance(60_000);
            return port.stream(asked, signal);
          },
        },
      }),
    };
    await using model = routed([waits], { clock });
    expect(await ask(model)).toMatchObject([{ reason: "error" }]);
    expect(slow.asked()).toBe(1);
  });

  test("is not asked again for what it will not do, but another one may", async () => {
    const first = backend("first", [[dies("MODEL_FAILED")]]);
    await using port = routed([first, backend("second", [[stops]])]);
    expect(types(await ask(port))).toEqual(["notice", "finish"]);
    expect(first.asked()).toBe(1);
  });

  test.each(["CONTEXT_FULL", "OFFLINE", "INTERNAL"] as const)("keeps its error when that is %s", async (code) => {
    const second = backend("second", [[stops]]);
    await using port = routed([backend("first", [[dies(code)]]), second]);
    expect(await ask(port)).toEqual([dies(code)]);
    expect(second.asked()).toBe(0);
  });

  test("gives way when it is described, too, and the notes say so", async () => {
    await using port = routed([backend("first", [], { describes: unreachable }), backend("second", [[stops]])]);
    const info = await port.describe(never());
    expect(info).toMatchObject({ id: "second", notes: ["first cannot go on (no server answers). second does."] });
  });
});

describe("a backend that dies in mid-reply", () => {
  test("begins its reply anew, which is said", async () => {
    const only = backend("only", [
      [text("Hel"), dies()],
      [text("Hello."), stops],
    ]);
    await using port = routed([only]);
    expect(await ask(port)).toEqual([
      text("Hel"),
      { type: "model-restart", reason: "it says MODEL_LOST", again: true },
      text("Hello."),
      stops,
    ]);
  });

  test("has one more chance, then the next one begins the reply anew", async () => {
    const first = backend("first", [[text("Hel"), dies()]]);
    await using port = routed([first, backend("second", [[text("Hi."), stops]])]);
    const expected = "text-delta model-restart text-delta notice model-restart text-delta finish";
    expect(types(await ask(port)).join(" ")).toBe(expected);
    expect(first.asked()).toBe(2);
  });

  test("behind a call leaves that call, which is never given twice", async () => {
    const first = backend("first", [[text("Let me look."), call("c1"), dies()]]);
    const second = backend("second", [[call("c1"), stops]]);
    await using port = routed([first, second]);
    const events = await ask(port);
    expect(types(events)).toEqual(["text-delta", "call-end", "notice", "finish"]);
    expect(events.at(-1)).toEqual({ type: "finish", reason: "calls", usage: noUsage });
    expect([first.asked(), second.asked()]).toEqual([1, 0]);
  });

  test("ends with its error when nobody can go on", async () => {
    await using port = routed([backend("only", [[text("Hel"), dies("HOST_CRASHED")]])]);
    expect(await ask(port)).toEqual([text("Hel"), dies("HOST_CRASHED")]);
  });

  test("is left at once when the person stops it", async () => {
    const controller = new AbortController();
    const only = backend("only", [[dies()]]);
    await using port = createRoutedModel({
      routes: [only],
      allowRemote: false,
      pause: async (_, signal) => {
        controller.abort();
        signal.throwIfAborted();
      },
    });
    expect(await ask(port, controller.signal)).toMatchObject([{ type: "finish", reason: "abort" }]);
    expect(only.asked()).toBe(1);
  });
});

describe("text on this machine", () => {
  const remote = (more = {}) => backend("remote", [[text("Hello."), stops]], { local: false, ...more });

  test("does not leave it because the local model died", async () => {
    const elsewhere = remote();
    await using port = routed([backend("local", [[dies("HOST_CRASHED")]]), elsewhere]);
    const [finish] = await ask(port);
    expect(finish).toMatchObject({
      error: { code: "HOST_CRASHED", hint: expect.stringContaining("fallback.remote true") as unknown },
    });
    expect(elsewhere.asked()).toBe(0);
  });

  test("goes on at the next model that is on this machine too", async () => {
    const elsewhere = remote();
    await using port = routed([backend("local", [[dies("HOST_CRASHED")]]), elsewhere, backend("other", [[stops]])]);
    expect(types(await ask(port))).toEqual(["notice", "finish"]);
    expect(elsewhere.asked()).toBe(0);
  });

  test("does not leave it by a server here that passes it on, as only that server can tell", async () => {
    const passesOn = remote({ local: true, told: false });
    await using port = routed([backend("local", [[dies("HOST_CRASHED")]]), passesOn]);
    expect(types(await ask(port))).toEqual(["finish"]);
    expect(passesOn.asked()).toBe(0);
  });

  test("leaves it with consent, and that is said", async () => {
    await using port = routed([backend("local", [[dies("HOST_CRASHED")]]), remote()], { allowRemote: true });
    expect((await ask(port))[0]).toMatchObject({ text: expect.stringContaining("leaves this machine") as unknown });
  });

  test("needs no more consent where the person's first choice is elsewhere", async () => {
    const first = backend("first", [[dies("MODEL_FAILED")]], { local: false });
    await using port = routed([first, remote()]);
    expect(types(await ask(port))).toEqual(["notice", "text-delta", "finish"]);
  });
});

test("every backend that was opened is let go, and no other", async () => {
  const [first, second, third] = [
    backend("first", [[dies("MODEL_FAILED")]]),
    backend("second", [[stops]]),
    backend("third", [[stops]]),
  ];
  const port = routed([first, second, third]);
  await ask(port);
  await port[Symbol.asyncDispose]();
  expect([first.isDisposed(), second.isDisposed(), third.isDisposed()]).toEqual([true, true, false]);
});

test("a real server that dies in mid-reply is followed by the next", async () => {
  await using server = await fakeOpenAiServer([], {
    answer: (response) => {
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: "Hel" } }] })}\n\n`, () =>
        response.destroy(),
      );
    },
  });
  const dying = createOpenAiModel({ baseUrl: server.url, model: "fake", offline: true, allowRemote: false });
  await using port = routed([
    { id: server.url, open: () => ({ port: dying, local: true }) },
    { id: "scripted", open: () => ({ port: scriptedModel([say("Hello.")]), local: true }) },
  ]);
  const events = await ask(port);
  const after = events.slice(types(events).lastIndexOf("model-restart") + 1);
  expect(after.flatMap((event) => (event.type === "text-delta" ? [event.delta] : [])).join("")).toBe("Hello.");
  expect(server.requests).toHaveLength(2);
});
