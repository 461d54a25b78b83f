import { existsSync } from "node:fs";

import type { LayerFacts, ModelFacts } from "../../hardware/index.ts";
import { failure, ok, type Result, TrustError } from "../../protocol/errors.ts";
import { type GgufHeader, type GgufParts, readGguf, readParts, summarise } from "./header.ts";
import { Keys } from "./keys.ts";
import { layerFacts, memoryKind, slidingWindow, stateBytes } from "./layer-facts.ts";
import type { GgufTensors } from "./tensors.ts";

/** Reads from a model's file, or all files of a split one, what `planLoad` needs. Fails as `readGgufHeader` does. */
export function readModelFacts(path: string): Result<ModelFacts> {
  const read = readModel(path);
  return read.ok ? ok(read.value.facts) : read;
}

/** The header and the facts, at the cost of one of them. */
export function readModel(path: string): Result<{ header: GgufHeader; facts: ModelFacts }> {
  const first = readGguf(path, (reader) => {
    const parts = readParts(reader);
    return { parts, header: summarise(parts), files: parts.metadata.integer("split.count") ?? 1 };
  });
  if (!first.ok) return first;
  const { parts, header, files } = first.value;
  const others = readOtherFiles(path, files);
  if (!others.ok) return others;
  const tensors = new Map([parts.tensors, ...others.value].flatMap((some) => [...some]));
  // Again inside `readGguf`, which tells what cannot be true of the file.
  return readGguf(path, () => ({ header, facts: gather(parts, header, tensors) }));
}

/** The tensors of a split model's other files, which lie beside the first and are numbered. */
function readOtherFiles(path: string, count: number): Result<GgufTensors[]> {
  if (count <= 1) return ok([]);
  const name = /^(.*-)00001(-of-\d{5}\.gguf)$/.exec(path);
  if (name === null) return failure(unusable(path, `it is the first of ${count} files, but not named …-00001-of-…`));
  const files: GgufTensors[] = [];
  for (let number = 2; number <= count; number++) {
    const other = `${name[1]}${String(number).padStart(5, "0")}${name[2]}`;
    if (!existsSync(other)) return failure(unusable(path, `part ${number} of ${count} is not beside it`));
    const read = readGguf(other, (reader) => readParts(reader).tensors);
    if (!read.ok) return read;
    files.push(read.value);
  }
  return ok(files);
}

function gather({ metadata }: GgufParts, header: GgufHeader, tensors: GgufTensors): ModelFacts {
  const keys = new Keys(metadata, header.architecture);
  const sizes = sumSizes(tensors, header.blockCount);
  const layers = sizes.layers.map((bytes, index) => layerFacts(keys, index, bytes));
  const used = keys.largest("expert_used_count") ?? 0;
  const count = keys.largest("expert_count") ?? 0;
  return {
    architecture: header.architecture,
    name: header.name,
    contextLength: header.contextLength,
    embeddingLength: header.embeddingLength,
    feedForwardLength: feedForward(keys, used, tensors),
    vocabularySize: header.vocabularySize,
    layers,
    slidingWindow: layers.some(isWindow) ? slidingWindow(keys) : undefined,
    experts: count > 0 ? { count, used } : undefined,
    weightsBytes: sizes.input + sizes.output + sizes.layers.reduce((sum, bytes) => sum + bytes, 0),
    inputBytes: sizes.input,
    outputBytes: sizes.output,
    outputCopyBytes: tensors.has("output.weight") ? 0 : (tensors.get("token_embd.weight")?.bytes ?? 0),
    memory: memoryKind(keys, layers),
    stateBytes: layers.some(({ recurrent }) => recurrent) ? stateBytes(keys) : 0,
    infill: metadata.has("tokenizer.ggml.fim_pre_token_id") || header.specialTokens.some(isInfillPrefix),
  };
}

const isWindow = ({ attention }: LayerFacts): boolean => attention === "window";

/** The names under which llama.cpp finds the token before the text that precedes the gap. */
const infillPrefixes = ["<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<PRE>", "▁<PRE>", "<|code_prefix|>"];
const isInfillPrefix = (token: string): boolean => infillPrefixes.includes(token) || token === "<｜fim▁begin｜>";

interface Sizes {
  input: number;
  output: number;
  layers: number[];
}

function sumSizes(tensors: GgufTensors, layerCount: number): Sizes {
  const sizes: Sizes = { input: 0, output: 0, layers: Array.from({ length: layerCount }, () => 0) };
  for (const [name, { bytes }] of tensors) {
    const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? Number.NaN);
    if (layer < layerCount) sizes.layers[layer] = (sizes.layers[layer] ?? 0) + bytes;
    else if (/^(token_embd|token_types|position_embd|per_layer_token_embd)\./.test(name)) sizes.input += bytes;
    else sizes.output += bytes;
  }
  return sizes;
}

function feedForward(keys: Keys, used: number, tensors: GgufTensors): number {
  const whole = keys.largest("feed_forward_length") ?? 0;
  if (used === 0) return whole;
  const ofExpert = keys.largest("expert_feed_forward_length") ?? whole;
  const experts = used * ofExpert + (keys.number("expert_shared_feed_forward_length") ?? 0);
  const alsoWhole = [...tensors.keys()].some((name) => /^blk\.\d+\.ffn_down\.weight$/.test(name));
  return alsoWhole ? Math.max(whole, experts) : experts;
}

function unusable(path: string, why: string): TrustError {
  return new TrustError("MODEL_INVALID", `${path} is not a usable model: ${why}`, {
    hint: "fetch all parts of the model into one folder",
  });
}
