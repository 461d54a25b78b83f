import type { GgufTensor, GgufValue } from "./gguf-writer.ts";

/**
 * Model families that keep what they read in other ways than llama: `gemma3` sees most of it through a window, `lfm2`
 * is a hybrid, `mamba` has only a state.
 */
export type OtherArchitecture = "gemma3" | "lfm2" | "mamba";

export interface ArchitectureParts {
  metadata: Record<string, GgufValue>;
  tensors: GgufTensor[];
}

/** Tokens that the window of `gemma3` holds. */
export const windowLength = 64;

const width = 128;
const heads = 4;
const headWidth = width / heads;
const feedForward = 128;
const gemmaLayers = 6;
const otherLayers = 2;
const inner = width * 2;
const states = 16;
const kernel = 4;
const stepRank = 8;
/** Of the short convolution. */
const cacheLength = 3;

/** The facts and tensors of a small model without the vocabulary; its matrices hold what `noise` gives, over 16. */
export function architectureParts(
  architecture: OtherArchitecture,
  { vocabularySize, contextLength, noise }: { vocabularySize: number; contextLength: number; noise: () => 1 | -1 },
): ArchitectureParts {
  const tensors = tensorMaker(noise);
  const layers = architecture === "gemma3" ? gemmaLayers : otherLayers;
  const blocks = Array.from({ length: layers }, (_, layer) => blockOf[architecture](tensors, layer));
  const outputNorm = architecture === "lfm2" ? "token_embd_norm" : "output_norm";
  const common = {
    context_length: u32(contextLength),
    embedding_length: u32(width),
    block_count: u32(layers),
    vocab_size: u32(vocabularySize),
    feed_forward_length: u32(architecture === "mamba" ? 0 : feedForward),
    "attention.head_count": u32(architecture === "mamba" ? 0 : heads),
    "attention.layer_norm_rms_epsilon": { type: "f32", value: 1e-5 } as const,
  };
  const own = Object.entries({ ...common, ...factsOf[architecture] });
  return {
    metadata: Object.fromEntries(own.map(([key, value]) => [`${architecture}.${key}`, value])),
    tensors: [
      tensors.noise("token_embd", [width, vocabularySize]),
      ...blocks.flat(),
      tensors.ones(`${outputNorm}.weight`, [width]),
      tensors.noise("output", [width, vocabularySize]),
    ],
  };
}

const u32 = (value: number): GgufValue => ({ type: "u32", value });

const factsOf: Record<OtherArchitecture, Record<string, GgufValue>> = {
  gemma3: { "attention.head_count_kv": u32(heads), "attention.sliding_window": u32(windowLength) },
  lfm2: {
    "attention.head_count_kv": { type: "i32s", value: [0, heads] },
    "shortconv.l_cache": u32(cacheLength),
  },
  mamba: {
    "ssm.conv_kernel": u32(kernel),
    "ssm.inner_size": u32(inner),
    "ssm.state_size": u32(states),
    "ssm.time_step_rank": u32(stepRank),
  },
};

interface TensorMaker {
  /** A matrix in half precision. */
  noise: (name: string, dimensions: readonly number[]) => GgufTensor;
  ones: (name: string, dimensions: readonly number[], value?: number) => GgufTensor;
  /** In single precision. */
  exact: (name: string, dimensions: readonly number[]) => GgufTensor;
}

function tensorMaker(noise: () => 1 | -1): TensorMaker {
  /** ±1/16 in half precision. */
  const halves = { "1": 0x2c00, "-1": 0xac00 };
  const single = (dimensions: readonly number[], next: () => number): Uint8Array => {
    const values = Float32Array.from({ length: product(dimensions) }, next);
    return new Uint8Array(values.buffer);
  };
  return {
    noise(name, dimensions) {
      const values = Uint16Array.from({ length: product(dimensions) }, () => halves[`${noise()}`]);
      return { name: `${name}.weight`, dimensions, type: "f16", data: new Uint8Array(values.buffer) };
    },
    ones: (name, dimensions, value = 1) => ({ name, dimensions, type: "f32", data: single(dimensions, () => value) }),
    exact: (name, dimensions) => ({ name, dimensions, type: "f32", data: single(dimensions, () => noise() / 4) }),
  };
}

const product = (dimensions: readonly number[]): number => dimensions.reduce((all, one) => all * one, 1);

type Block = (tensors: TensorMaker, layer: number) => GgufTensor[];

const attention: Block = ({ noise, ones }, layer) => [
  noise(`blk.${layer}.attn_q`, [width, width]),
  noise(`blk.${layer}.attn_k`, [width, width]),
  noise(`blk.${layer}.attn_v`, [width, width]),
  noise(`blk.${layer}.attn_output`, [width, width]),
  ones(`blk.${layer}.attn_q_norm.weight`, [headWidth]),
  ones(`blk.${layer}.attn_k_norm.weight`, [headWidth]),
];

const shortConvolution: Block = ({ noise, exact }, layer) => [
  noise(`blk.${layer}.shortconv.in_proj`, [width, 3 * width]),
  exact(`blk.${layer}.shortconv.conv.weight`, [cacheLength, width]),
  noise(`blk.${layer}.shortconv.out_proj`, [width, width]),
];

const feedForwardBlock: Block = ({ noise, ones }, layer) => [
  ones(`blk.${layer}.ffn_norm.weight`, [width]),
  noise(`blk.${layer}.ffn_gate`, [width, feedForward]),
  noise(`blk.${layer}.ffn_up`, [width, feedForward]),
  noise(`blk.${layer}.ffn_down`, [feedForward, width]),
];

const blockOf: Record<OtherArchitecture, Block> = {
  gemma3: (tensors, layer) => [
    tensors.ones(`blk.${layer}.attn_norm.weight`, [width]),
    ...attention(tensors, layer),
    tensors.ones(`blk.${layer}.post_attention_norm.weight`, [width]),
    ...feedForwardBlock(tensors, layer),
    tensors.ones(`blk.${layer}.post_ffw_norm.weight`, [width]),
  ],
  lfm2: (tensors, layer) => [
    tensors.ones(`blk.${layer}.attn_norm.weight`, [width]),
    ...(layer === 0 ? shortConvolution(tensors, layer) : attention(tensors, layer)),
    ...feedForwardBlock(tensors, layer),
  ],
  mamba: (tensors, layer) => [
    tensors.ones(`blk.${layer}.attn_norm.weight`, [width]),
    tensors.noise(`blk.${layer}.ssm_in`, [width, 2 * inner]),
    tensors.exact(`blk.${layer}.ssm_conv1d.weight`, [kernel, inner]),
    tensors.exact(`blk.${layer}.ssm_conv1d.bias`, [inner]),
    tensors.noise(`blk.${layer}.ssm_x`, [inner, stepRank + 2 * states]),
    tensors.exact(`blk.${layer}.ssm_dt.weight`, [stepRank, inner]),
    tensors.exact(`blk.${layer}.ssm_dt.bias`, [inner]),
    tensors.ones(`blk.${layer}.ssm_a`, [states, inner], -0.05),
    tensors.ones(`blk.${layer}.ssm_d`, [inner]),
    tensors.noise(`blk.${layer}.ssm_out`, [inner, width]),
  ],
};
