import { BrokenGguf } from "./bounded-reader.ts";
import type { Metadata } from "./metadata.ts";
import type { GgufTensors } from "./tensors.ts";

/**
 * Architectures whose loader in llama.cpp expects exactly the shapes below. Others halve, double or fuse some
 * of them, so nothing is said of theirs.
 */
const plainArchitectures = new Set([
  "baichuan",
  "exaone",
  "gemma",
  "gemma2",
  "gemma3",
  "granite",
  "internlm2",
  "llama",
  "minicpm",
  "mistral3",
  "olmo2",
  "qwen2",
  "qwen3",
  "smollm3",
  "stablelm",
]);
/** Of these, the ones whose heads may have keys and values of different widths. */
const widthsMayDiffer = new Set(["gemma", "gemma2", "gemma3", "minicpm"]);
const rotatesPartly = new Set([...widthsMayDiffer, "stablelm"]);

/**
 * Compares what the metadata says of the layers with the shapes of their tensors: llama.cpp aborts the process
 * on some that disagree. Values that are lists (one a layer), absent values and absent tensors are not compared.
 */
export function checkShapes(metadata: Metadata, architecture: string, tensors: GgufTensors): void {
  const value: Value = (name) => metadata.single(`${architecture}.${name}`);
  checkFeedForward(value("feed_forward_length"), architecture, tensors);
  const rotated = value("rope.dimension_count");
  if (rotated !== undefined && (rotated < 0 || rotated % 2 !== 0)) {
    throw new BrokenGguf(`its value ${architecture}.rope.dimension_count is ${rotated}`);
  }
  if (!plainArchitectures.has(architecture)) return;

  checkAttention(value, architecture, tensors);
  checkBlocks(metadata, architecture, tensors);
}

type Value = (name: string) => number | undefined;

function checkAttention(value: Value, architecture: string, tensors: GgufTensors): void {
  const width = value("embedding_length");
  expectShape(tensors, "token_embd.weight", [width, undefined]);
  const heads = value("attention.head_count");
  if (width === undefined || heads === undefined) return;
  const keyWidth = value("attention.key_length") ?? width / heads;
  const valueWidth = value("attention.value_length") ?? width / heads;
  checkHeadWidths(architecture, { keyWidth, valueWidth, rotated: value("rope.dimension_count") ?? keyWidth });
  const keyHeads = value("attention.head_count_kv") ?? heads;
  expectShape(tensors, "blk.0.attn_q.weight", [width, heads * keyWidth]);
  expectShape(tensors, "blk.0.attn_k.weight", [width, keyHeads * keyWidth]);
  expectShape(tensors, "blk.0.attn_v.weight", [width, keyHeads * valueWidth]);
}

function checkHeadWidths(
  architecture: string,
  { keyWidth, valueWidth, rotated }: Readonly<Record<"keyWidth" | "valueWidth" | "rotated", number>>,
): void {
  if (rotated > keyWidth || (rotated < keyWidth && !rotatesPartly.has(architecture))) {
    throw new BrokenGguf(`it rotates ${rotated} dimensions of attention heads that have ${keyWidth}`);
  }
  if (keyWidth !== valueWidth && !widthsMayDiffer.has(architecture)) {
    throw new BrokenGguf(`its attention heads have keys of ${keyWidth} and values of ${valueWidth} dimensions`);
  }
}

const gate = "blk.0.ffn_gate.weight";
const up = "blk.0.ffn_up.weight";
const down = "blk.0.ffn_down.weight";

function checkFeedForward(inner: number | undefined, architecture: string, tensors: GgufTensors): void {
  if (inner === undefined) return;
  // Models without such layers, such as Mamba, say 0.
  if (inner <= 0 && [gate, up, down].some((name) => tensors.has(name))) {
    throw new BrokenGguf(`its value ${architecture}.feed_forward_length is ${inner}`);
  }
  // Without a gate of its own, "up" may hold both, at twice the size.
  if (!plainArchitectures.has(architecture) || !tensors.has(gate)) return;
  expectShape(tensors, gate, [undefined, inner]);
  expectShape(tensors, up, [undefined, inner]);
  expectShape(tensors, down, [inner, undefined]);
}

/** Only the first file of a split model is read, which holds some of the layers. */
function checkBlocks(metadata: Metadata, architecture: string, tensors: GgufTensors): void {
  if ((metadata.single("split.count") ?? 1) > 1) return;
  const blocks = new Set([...tensors.keys()].flatMap((name) => /^blk\.\d+\./.exec(name) ?? []));
  const claimed = metadata.single(`${architecture}.block_count`);
  if (blocks.size === 0 || claimed === undefined || claimed === blocks.size) return;
  throw new BrokenGguf(`it claims ${claimed} layers, but holds ${blocks.size}`);
}

function expectShape(tensors: GgufTensors, name: string, expected: readonly (number | undefined)[]): void {
  const shape = tensors.get(name)?.shape;
  if (shape === undefined) return;
  const fits = expected.every((size, index) => size === undefined || size === (shape[index] ?? 1));
  if (fits) return;
  const wanted = expected.map((size) => size ?? "any").join(" × ");
  throw new BrokenGguf(`its tensor ${name} is ${shape.join(" × ")}, but its metadata asks for ${wanted}`);
}
