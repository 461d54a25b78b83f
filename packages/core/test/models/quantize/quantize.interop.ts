import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { readGgufHeader } from "../../../src/models/gguf/index.ts";
import {
  checkText,
  findLlamaTool,
  type Quantization,
  quantizeModel,
  type QuantizeStep,
} from "../../../src/models/quantize/index.ts";
import { randomGguf, realLlamaTools, scriptedGguf, temporaryWorkspace } from "../../../src/testing/index.ts";

const tools = realLlamaTools();
const isMissing = ["llama-quantize", "llama-perplexity"].some(
  (tool) => findLlamaTool(tool as "llama-quantize", tools) === undefined,
);
if (isMissing) process.stderr.write("SKIPPED: there is no llama-quantize. Run: npm run interop:setup\n");

const { signal } = new AbortController();

interface Scene extends AsyncDisposable {
  path: string;
  options: Quantization;
}

async function scene(write = (path: string) => randomGguf(path, { seed: 7 })): Promise<Scene> {
  const folder = await temporaryWorkspace();
  const source = join(folder.path, "model.gguf");
  await write(source);
  return {
    path: folder.path,
    options: {
      source,
      target: join(folder.path, "small.gguf"),
      type: "Q4_K_M",
      tools,
      text: checkText,
      threads: 1,
      overwrite: false,
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe.skipIf(isMissing)("with llama.cpp's own quantiser", () => {
  test("a smaller model comes of it, with what it lost", async () => {
    await using folder = await scene();
    const heard: [QuantizeStep, number][] = [];
    const onProgress = (step: QuantizeStep, fraction: number): void => void heard.push([step, fraction]);
    const result = await quantizeModel({ ...folder.options, type: "q4_k_m", onProgress }, signal);
    expect(result).toMatchObject({ type: "Q4_K_M", notes: [] });
    expect(result.sizeBytes).toBeLessThan(result.sourceBytes / 2);
    const header = readGgufHeader(folder.options.target);
    expect(header).toMatchObject({ ok: true, value: { sizeBytes: result.sizeBytes } });
    expect(result.divergence?.klDivergence).toBeGreaterThan(0);
    expect(result.divergence?.sameTopToken).toBeGreaterThan(0.2);
    expect(result.divergence?.sameTopToken).toBeLessThan(1);
    expect(result.divergence?.perplexityBefore).toBeGreaterThan(1);
    expect(await readdir(folder.path)).toEqual(["model.gguf", "small.gguf"]);
    for (const step of ["reading", "quantizing", "comparing"] as const) {
      const fractions = heard.filter(([which]) => which === step).map(([, fraction]) => fraction);
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
    }
  });

  test("the same weights in sixteen bits lose nothing", async () => {
    await using folder = await scene();
    const { divergence } = await quantizeModel({ ...folder.options, type: "F16" }, signal);
    expect(divergence?.klDivergence).toBeLessThan(1e-4);
    expect(divergence?.sameTopToken).toBeGreaterThan(0.99);
    expect(divergence?.perplexityAfter).toBeCloseTo(divergence?.perplexityBefore ?? 0, 0);
  });

  test("the estimate is within one percent of what comes of it", async () => {
    const types = ["Q8_0", "Q6_K", "Q5_K_S", "Q4_K_M", "Q4_0", "Q3_K_L", "Q2_K", "IQ4_XS", "BF16"];
    for (const [index, type] of types.entries()) {
      const vocabularySize = 500 * index;
      await using folder = await scene((path) => scriptedGguf(path, { replies: { first: ["yes"] }, vocabularySize }));
      const result = await quantizeModel({ ...folder.options, type, text: undefined }, signal);
      expect(Math.abs(result.estimatedBytes / result.sizeBytes - 1), type).toBeLessThan(0.01);
    }
  });

  test("a model that is quantised already is, with a note, quantised again", async () => {
    await using folder = await scene();
    await quantizeModel({ ...folder.options, type: "Q8_0", text: undefined }, signal);
    const again = { ...folder.options, source: folder.options.target, target: join(folder.path, "again.gguf") };
    const { notes } = await quantizeModel({ ...again, text: undefined }, signal);
    expect(notes).toEqual(["the model is quantised already (q8_0); one of 16 bits would lose less"]);
  });

  test("an unknown type is answered with the nearest, and one that needs more is refused", async () => {
    await using folder = await scene();
    const typo = quantizeModel({ ...folder.options, type: "Q4KM" }, signal);
    await expect(typo).rejects.toMatchObject({ code: "USAGE", hint: expect.stringContaining("Q4_K_M?") as string });
    const bare = quantizeModel({ ...folder.options, type: "IQ2_XXS" }, signal);
    await expect(bare).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("importance") as string,
    });
    expect(await readdir(folder.path)).toEqual(["model.gguf"]);
  });

  test("a text that is too short to judge by is refused before anything is written", async () => {
    await using folder = await scene();
    const attempt = quantizeModel({ ...folder.options, text: "A few words." }, signal);
    await expect(attempt).rejects.toMatchObject({ code: "INPUT_INVALID" });
    expect(await readdir(folder.path)).toEqual(["model.gguf"]);
  });

  test.each(["reading", "quantizing", "comparing"] as const)("stopped while %s, it leaves nothing", async (moment) => {
    await using folder = await scene((path) => randomGguf(path, { seed: 3, vocabularySize: 20_000 }));
    const controller = new AbortController();
    const onProgress = (step: QuantizeStep): void => {
      if (step === moment) controller.abort();
    };
    const attempt = quantizeModel({ ...folder.options, onProgress }, controller.signal);
    await expect(attempt).rejects.toMatchObject({ name: "AbortError" });
    expect(await readdir(folder.path)).toEqual(["model.gguf"]);
  });

  test("what is there already is replaced only when that is wanted, in one step", async () => {
    await using folder = await scene();
    await writeFile(folder.options.target, "mine");
    const wanted = { ...folder.options, text: undefined };
    await expect(quantizeModel(wanted, signal)).rejects.toMatchObject({ code: "FILE_CONFLICT" });
    expect(await readFile(folder.options.target, "utf8")).toBe("mine");
    await quantizeModel({ ...wanted, overwrite: true }, signal);
    expect(readGgufHeader(folder.options.target).ok).toBe(true);
  });

  test("what a killed process left beside the target is removed", async () => {
    await using folder = await scene();
    const dead = 2 ** 22 + 1;
    await mkdir(join(folder.path, `.trust-quantize-${dead}-abc`));
    await mkdir(join(folder.path, `.trust-quantize-${process.pid}-abc`));
    await quantizeModel({ ...folder.options, text: undefined }, signal);
    const left = await readdir(folder.path);
    expect(left.toSorted()).toEqual([`.trust-quantize-${process.pid}-abc`, "model.gguf", "small.gguf"]);
  });
});
