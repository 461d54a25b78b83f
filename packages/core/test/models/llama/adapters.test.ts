import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { writeGguf } from "../../../src/testing/gguf-writer.ts";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { noiseFrom } from "../../../src/testing/scripted-tensors.ts";
import { promptEndToken, scriptVocabulary } from "../../../src/testing/scripted-vocabulary.ts";
import { hostBench } from "./host-bench.ts";
import { countingChunks } from "./llama-bench.ts";

const chunks = countingChunks(12);
const width = 256;

let folder: TemporaryWorkspace;
const path = (name: string): string => join(folder.path, `${name}.gguf`);
beforeAll(async () => {
  folder = await temporaryWorkspace();
  await scriptedGguf(path("model"), { replies: { first: chunks } });
  await writeJump(path("jump"), 2, 9);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** A LoRA adapter of rank 1, with which the chunk number `to` follows the chunk number `from`. */
async function writeJump(file: string, from: number, to: number): Promise<void> {
  const { tokens } = scriptVocabulary([{ after: promptEndToken, chunks }], false);
  const id = (chunk: number): number => tokens.indexOf(chunks[chunk] ?? "");
  const floats = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer);
  const recognises = Float32Array.from({ length: width }, noiseFrom(id(from)));
  const answers = new Float32Array(tokens.length);
  answers[id(to)] = 2;
  await writeGguf(
    file,
    {
      "general.type": { type: "string", value: "adapter" },
      "general.architecture": { type: "string", value: "llama" },
      "adapter.type": { type: "string", value: "lora" },
      "adapter.lora.alpha": { type: "f32", value: 1 },
    },
    [
      { name: "output.weight.lora_a", dimensions: [width, 1], type: "f32", data: floats(recognises) },
      { name: "output.weight.lora_b", dimensions: [1, tokens.length], type: "f32", data: floats(answers) },
    ],
  );
}

test("an adapter changes what the model says, as much as its scale", async () => {
  await using host = hostBench();
  const client = host.client();
  const say = async (scale: number): Promise<string> => {
    const adapters = scale === 0 ? [] : [{ path: path("jump"), scale }];
    return (await client.generate(await client.load(path("model"), { adapters }), "Count.\n")).text;
  };
  expect(await say(0)).toBe(chunks.join(""));
  expect(await say(1)).toBe([...chunks.slice(0, 3), ...chunks.slice(9)].join(""));
  expect(await say(0.1)).toBe(chunks.join(""));
});

test("a file that is no adapter of the model is refused by name", async () => {
  await using host = hostBench();
  const adapters = [{ path: path("model"), scale: 1 }];
  const replies = await host.client().ask({ type: "load", path: path("model"), adapters });
  expect(replies.at(-1)).toMatchObject({ type: "failed", error: { code: "MODEL_INVALID" } });
  expect(JSON.stringify(replies.at(-1))).toContain("model.gguf");
});
