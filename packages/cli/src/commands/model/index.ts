import { type Command, InvalidArgumentError } from "commander";

import { type CommandModule, type Run, sharedOptions } from "../command.ts";

/** Loaded on demand: the other commands need nothing of it. */
export const modelCommand: CommandModule = {
  register(program, run) {
    const model = program.command("model").description("the models on this machine, and the one to use");
    registerList(model, run);
    registerChoice(model, run);
    registerMeasures(model, run);
    registerFit(model, run);
    registerOllama(model, run);
    registerQuantize(model, run);
  },
};

const json = ["--json", "one JSON value on stdout"] as const;

function registerList(model: Command, run: Run): void {
  const list = model
    .command("list")
    .description("models that can be used now: built in, files, Ollama, other servers on this machine")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model list");
  list.action(() => run(async () => (await import("./list.ts")).printModelList(sharedOptions(list))));
  const detect = model
    .command("detect")
    .description("the model servers that answer on this machine, their models, and how long a text each really takes")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model detect");
  detect.action(() => run(async () => (await import("./detect.ts")).printServers(sharedOptions(detect))));
}

function registerChoice(model: Command, run: Run): void {
  const use = model
    .command("use <model>")
    .description("check that a model answers, and make it the usual one in your own settings")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model use nano");
  use.action((reference: string) =>
    run(async () => (await import("./use.ts")).useModel(reference, sharedOptions(use))),
  );
  const show = model
    .command("show [model]")
    .description("size, window, place and measurements of a model; the one in use when none is named")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model show nano");
  show.action((reference: string | undefined) =>
    run(async () => (await import("./show.ts")).showModel(reference, sharedOptions(show))),
  );
}

function registerMeasures(model: Command, run: Run): void {
  const probe = model
    .command("probe")
    .description("ask the model a dozen small questions that need tools, and remember how well it did")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model probe -m ollama/qwen3");
  probe.action(() => run(async () => (await import("./probe.ts")).probeModel(sharedOptions(probe))));
}

function registerFit(model: Command, run: Run): void {
  const fit = model
    .command("fit <model>")
    .description("whether a model fits into this machine and how it would lie in memory; loads nothing")
    .option("--context <tokens>", "with a context of this size", tokenCount)
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model fit model.gguf --context 32768 --max-ram 8GiB");
  fit.action((reference: string) =>
    run(async () => (await import("./fit.ts")).showFit(reference, fit.optsWithGlobals())),
  );
}

function tokenCount(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("it must be a whole number above 0");
  return number;
}

function registerOllama(model: Command, run: Run): void {
  const pull = model
    .command("pull <model>")
    .description("have Ollama fetch a model; goes on where it was interrupted")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model pull ollama:qwen3");
  pull.action((reference: string) =>
    run(async () => (await import("./pull.ts")).pullModel(reference, sharedOptions(pull))),
  );
  const unload = model
    .command("unload [model]")
    .description("take a model out of memory; the one in use when none is named")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model unload");
  unload.action((reference: string | undefined) =>
    run(async () => (await import("./unload.ts")).unloadModel(reference, sharedOptions(unload))),
  );
}

function registerQuantize(model: Command, run: Run): void {
  const quantize = model
    .command("quantize <model> <file>")
    .description("write a smaller copy of a model with llama.cpp's quantiser, and measure what it lost")
    .requiredOption("--type <type>", "what llama-quantize knows, such as Q4_K_M or Q8_0")
    .option("--text <file>", "compare both on this text; default: prose and code that come with Trust")
    .option("--no-check", "compare nothing")
    .option("--force", "replace the file when it is there already")
    .option(...json)
    .addHelpText("after", "\nExample:\n  trust model quantize big.gguf small.gguf --type Q4_K_M");
  quantize.action((source: string, target: string) =>
    run(async () => (await import("./quantize.ts")).quantize(source, target, quantize.optsWithGlobals())),
  );
}
