import { type CommandModule, sharedOptions } from "../command.ts";

/** Loaded on demand: the other commands need nothing of it. */
export const modelCommand: CommandModule = {
  register(program, run) {
    const model = program.command("model").description("the models on this machine, and the one to use");
    const list = model
      .command("list")
      .description("models that can be used now: built in, files, Ollama, other servers on this machine")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust model list");
    list.action(() => run(async () => (await import("./list.ts")).printModelList(sharedOptions(list))));
    const use = model
      .command("use <model>")
      .description("check that a model answers, and make it the usual one in your own settings")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust model use nano");
    use.action((reference: string) =>
      run(async () => (await import("./use.ts")).useModel(reference, sharedOptions(use))),
    );
    const show = model
      .command("show [model]")
      .description("size, window and place of a model; the one in use when none is named")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust model show nano");
    show.action((reference: string | undefined) =>
      run(async () => (await import("./show.ts")).showModel(reference, sharedOptions(show))),
    );
  },
};
