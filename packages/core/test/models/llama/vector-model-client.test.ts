import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createVectorModel, type VectorModel } from "../../../src/models/llama/vector-model-client.ts";
import { randomGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { hostEntry, never } from "./llama-bench.ts";

let folder: TemporaryWorkspace;
let path: string;
let model: VectorModel;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  path = join(folder.path, "random.gguf");
  await randomGguf(path, { seed: 5 });
  model = createVectorModel({ entry: hostEntry, spec: { path, use: "embedding", threads: 1, contextSize: 256 } });
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const cosine = (a: readonly number[] = [], b: readonly number[] = []): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe("vectors of texts", () => {
  test("have length 1, the model's width, and the order of the texts", async () => {
    const texts = ["read the file", "list the folder", "🎉 ünïcode", "read the file"];
    const vectors = await model.embed(texts, never());
    expect(vectors.map(({ length }) => length)).toEqual([256, 256, 256, 256]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(vectors[3]).toEqual(vectors[0]);
    expect(cosine(vectors[0], vectors[1])).toBeLessThan(0.999);
    for (const [index, text] of texts.entries()) {
      const [alone] = await model.embed([text], never());
      expect(cosine(alone, vectors[index])).toBeCloseTo(1, 6);
    }
  });

  test("are none for no texts", async () => {
    expect(await model.embed([], never())).toEqual([]);
  });

  test("are refused for an empty text", async () => {
    await expect(model.embed(["a", ""], never())).rejects.toMatchObject({ code: "INPUT_INVALID" });
  });

  test("are refused for a text that is longer than the window, and the next one works", async () => {
    const long = "word ".repeat(1000);
    await expect(model.embed([long], never())).rejects.toMatchObject({
      code: "CONTEXT_FULL",
      message: expect.stringContaining("at most 256") as string,
    });
    expect(await model.embed(["short"], never())).toHaveLength(1);
  });

  test("are asked for at the same time by many", async () => {
    const texts = Array.from({ length: 12 }, (_, index) => `text number ${index}`);
    const together = await Promise.all(texts.map((text) => model.embed([text], never())));
    const [one] = await model.embed([texts[7] ?? ""], never());
    expect(cosine(together[7]?.[0], one)).toBeCloseTo(1, 6);
  });

  test("are no longer waited for after an abort", async () => {
    const controller = new AbortController();
    const asked = model.embed(
      Array.from({ length: 2000 }, (_, index) => `text ${index} ${"word ".repeat(40)}`),
      controller.signal,
    );
    setImmediate(() => controller.abort());
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
    expect(await model.embed(["next"], never())).toHaveLength(1);
  });
});

test("a model that was loaded for vectors gives no scores", async () => {
  await expect(model.rank("which?", ["this"], never())).rejects.toMatchObject({ code: "USAGE" });
});

test("a model without a head for scores is refused as one for ranking", async () => {
  await using ranking = createVectorModel({ entry: hostEntry, spec: { path, use: "ranking", threads: 1 } });
  await expect(ranking.rank("which?", ["this", "that"], never())).rejects.toMatchObject({ code: "MODEL_INVALID" });
});
