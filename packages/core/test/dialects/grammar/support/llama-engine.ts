import { getLlama, LlamaGrammar } from "node-llama-cpp";

const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });

/** The library keeps its model-free test internal; the version is pinned exactly. */
interface TestableGrammar {
  _testText(text: string): boolean;
}

/** llama.cpp's own reading of a grammar: tells whether it admits a text as a whole. */
export function engine(gbnf: string, rootRuleName = "root"): (text: string) => boolean {
  const grammar = new LlamaGrammar(llama, { grammar: gbnf, rootRuleName }) as unknown as TestableGrammar;
  return (text) => grammar._testText(text);
}
