import { type CommandModule, sharedOptions } from "../command.ts";
import { wholeNumber } from "../whole-number.ts";
import type { BenchOptions } from "./bench.ts";

const help = `
Measures in a model host of its own, alternating with llama.cpp's llama-bench where that is built, on the same file with
as many threads. Figures are medians; --json has every round as well.

Examples:
  trust bench ./model.gguf
  trust bench nano --rounds 5 --json`;

export const benchCommand: CommandModule = {
  register(program, run) {
    const bench = program
      .command("bench [model]")
      .description("how fast this machine loads, reads and writes with a local model")
      .option("--rounds <number>", "measure this often", wholeNumber, 3)
      .option("--prompt <tokens>", "the length of the prompt", wholeNumber, 512)
      .option("--tokens <number>", "how many tokens are written", wholeNumber, 128)
      .option("--no-compare", "without llama-bench")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", help);
    bench.action((model: string | undefined) =>
      run(async () => (await import("./bench.ts")).bench(model, sharedOptions(bench) as BenchOptions)),
    );
  },
};
