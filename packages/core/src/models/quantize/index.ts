export { checkText } from "./check-text.ts";
export type { Divergence } from "./divergence.ts";
export { type LlamaBenchSpeed, runLlamaBench } from "./llama-bench.ts";
export { findLlamaTool, type LlamaToolPlace, requireLlamaTool } from "./llama-tools.ts";
export { type Quantization, type Quantized, quantizeModel, type QuantizeStep } from "./quantize.ts";
export type { SizeEstimate } from "./quantizer.ts";
export { buildLlamaTools, type ToolBuild } from "./tool-build.ts";
export { type LlamaTool, llamaTools } from "./tool-names.ts";
