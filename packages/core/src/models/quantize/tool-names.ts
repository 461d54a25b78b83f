/** llama.cpp's own programs, by the names that its build knows. */
export const llamaTools = ["llama-quantize", "llama-perplexity", "llama-bench", "llama-server"] as const;
export type LlamaTool = (typeof llamaTools)[number];
