import type { ModelPort } from "@trust-cli/core/ports";
import { type ModelEvent, TrustError } from "@trust-cli/core/protocol";
import { say, scriptedModel } from "@trust-cli/core/testing";
import { describe, expect, test } from "vitest";

import { openedPort, verifiedPort } from "../../src/composition/prepared-port.ts";

const never = (): AbortSignal => new AbortController().signal;
const model = () => scriptedModel([say("ok")]);
const corrupt = new TrustError("KIT_CORRUPT", "the unpacked kit was changed");

const ask = (port: ModelPort, signal = never()): Promise<ModelEvent[]> =>
  Array.fromAsync(
    port.stream(
      { messages: [{ role: "user", text: "hi" }], tools: [], toolChoice: "none", maxTokens: 9, sampling: {} },
      signal,
    ),
  );

describe("a model that is verified while it is loaded", () => {
  test("answers when its files are right, which is looked at once", async () => {
    let looks = 0;
    const port = verifiedPort(model(), async () => {
      looks += 1;
    });
    await port.describe(never());
    expect((await ask(port)).at(-1)).toMatchObject({ type: "finish", reason: "stop" });
    await port.describe(never());
    expect(looks).toBe(1);
  });

  test("is never described and says nothing when they are not", async () => {
    const port = verifiedPort(model(), () => Promise.reject(corrupt));
    await expect(port.describe(never())).rejects.toBe(corrupt);
    expect(await ask(port)).toMatchObject([{ type: "finish", reason: "error", error: { code: "KIT_CORRUPT" } }]);
  });

  test("is verified again after a look that was aborted", async () => {
    const aborted = new AbortController();
    const port = verifiedPort(model(), (signal) => {
      signal.throwIfAborted();
      return Promise.resolve();
    });
    aborted.abort();
    await expect(port.describe(aborted.signal)).rejects.toThrow("aborted");
    await port.describe(never());
    expect(await ask(port, aborted.signal)).toMatchObject([{ type: "finish", reason: "abort" }]);
  });
});

describe("a model that must be opened first", () => {
  test("is opened once, and says how far that is in halves", async () => {
    let opened = 0;
    const seen: number[] = [];
    const port = openedPort(async (_, onLoad) => {
      opened += 1;
      onLoad?.(1);
      return model();
    });
    await port.describe(never(), (fraction) => seen.push(fraction));
    expect((await ask(port)).at(-1)).toMatchObject({ reason: "stop" });
    expect(opened).toBe(1);
    expect(seen[0]).toBe(0.5);
    await port[Symbol.asyncDispose]();
  });

  test("says in words why it cannot be opened, and needs no disposing then", async () => {
    const port = openedPort(() => Promise.reject(corrupt));
    await expect(port.describe(never())).rejects.toBe(corrupt);
    expect(await ask(port)).toMatchObject([{ reason: "error", error: { code: "KIT_CORRUPT" } }]);
    await port[Symbol.asyncDispose]();
  });
});
