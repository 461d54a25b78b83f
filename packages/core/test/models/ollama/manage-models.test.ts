import { describe, expect, test } from "vitest";

import {
  createOllamaModel,
  ollamaIdentity,
  type OllamaModelPlace,
  type PullProgress,
  pullOllamaModel,
  unloadOllamaModel,
} from "../../../src/models/ollama/index.ts";
import { serverIdentity } from "../../../src/models/openai/index.ts";
import { fakeOllamaServer, fakeOpenAiServer, say } from "../../../src/testing/index.ts";

const never = (): AbortSignal => new AbortController().signal;

const placeAt = (url: string, more: Partial<OllamaModelPlace> = {}): OllamaModelPlace => ({
  url,
  model: "tiny",
  offline: false,
  allowRemote: false,
  ...more,
});

const library = { tiny: [400, 100] };

describe("pulling a model", () => {
  test("shows how far it is, and the model is there then", async () => {
    await using server = await fakeOllamaServer([], { library, models: [] });
    const seen: PullProgress[] = [];
    await pullOllamaModel(placeAt(server.url), never(), (progress) => seen.push(progress));
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).toSorted((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ status: "success", done: 500, total: 500 });
    expect((await ollamaIdentity(placeAt(server.url), never())).weights).toContain("ollama:tiny:latest@");
  });

  test("goes on where it was stopped", async () => {
    await using server = await fakeOllamaServer([], { library });
    const controller = new AbortController();
    const stopped = pullOllamaModel(placeAt(server.url), controller.signal, ({ done }) => {
      if (done > 0) controller.abort();
    });
    await expect(stopped).rejects.toMatchObject({ name: "AbortError" });
    const seen: number[] = [];
    await pullOllamaModel(placeAt(server.url), never(), ({ total, done }) => total > 0 && seen.push(done));
    expect(seen[0]).toBeGreaterThan(0);
  });

  test.each([
    ["nothing", {}, "MODEL_MISSING", "no model nothing"],
    ["tiny", { offline: true }, "OFFLINE", "offline"],
  ])("%s with %j fails in words", async (model, more, code, words) => {
    await using server = await fakeOllamaServer([], { library });
    const pulling = pullOllamaModel(placeAt(server.url, { model, ...more }), never());
    await expect(pulling).rejects.toMatchObject({ code, message: expect.stringContaining(words) as unknown });
  });
});

describe("taking a model out of memory", () => {
  test("says whether it was there", async () => {
    await using server = await fakeOllamaServer([say("ok")]);
    const place = placeAt(server.url, { model: "fake" });
    expect(await unloadOllamaModel(place, never())).toBe(false);
    await using port = createOllamaModel(place);
    await port.describe(never());
    expect(await unloadOllamaModel(place, never())).toBe(true);
    expect(await unloadOllamaModel(place, never())).toBe(false);
  });
});

describe("the identity of a model", () => {
  test("of Ollama is its digest, its template and the server's version", async () => {
    await using server = await fakeOllamaServer([]);
    expect(await ollamaIdentity(placeAt(server.url, { model: "fake" }), never())).toEqual({
      weights: "ollama:fake:latest@digest-of-fake:latest",
      template: expect.stringMatching(/^sha256:/) as unknown,
      backend: "ollama 0.17.4",
    });
    await expect(ollamaIdentity(placeAt(server.url), never())).rejects.toMatchObject({ code: "MODEL_MISSING" });
  });

  test("of another server is what it tells, but for settings that change nothing", async () => {
    const identityWith = async (meta: object, properties: Record<string, unknown>) => {
      await using server = await fakeOpenAiServer([], { models: [{ id: "m", meta }], properties });
      const found = await serverIdentity({ baseUrl: server.url, offline: true, allowRemote: false }, never());
      return found && { ...found, weights: found.weights.replace(new URL(server.url).host, "HOST") };
    };
    const properties = { chat_template: "{{ x }}", build_info: "b9999" };
    const known = await identityWith({ n_params: 5, n_ctx: 100 }, properties);
    expect(known).toMatchObject({ backend: "b9999", weights: expect.stringMatching(/^HOST:m@sha256:/) as unknown });
    expect(await identityWith({ n_params: 5, n_ctx: 200 }, properties)).toEqual(known);
    expect(await identityWith({ n_params: 6 }, properties)).not.toEqual(known);
    expect(await identityWith({ n_params: 5 }, { ...properties, chat_template: "y" })).not.toEqual(known);
  });

  test("is not known of a server that does not answer", async () => {
    const options = { baseUrl: "http://127.0.0.1:9", offline: true, allowRemote: false };
    expect(await serverIdentity(options, never())).toBeUndefined();
  });
});
