import { type CommandModule, sharedOptions } from "../command.ts";
import type { DevOptions } from "./dev.ts";

/** Each verb is loaded when it is used: most starts need none. */
export const pluginCommand: CommandModule = {
  register(program, run) {
    const plugin = program.command("plugin").description("tools that others wrote, each locked into its own isolate");
    const json = ["--json", "one JSON value on stdout"] as const;
    const list = plugin
      .command("list")
      .description("the plugins there are, and whether they are in use")
      .option(...json)
      .addHelpText("after", "\nExample:\n  trust plugin list");
    list.action(() => run(async () => (await import("./list.ts")).listPlugins(sharedOptions(list))));
    const create = plugin
      .command("new <name> [folder]")
      .description("start a plugin of your own")
      .option(...json)
      .addHelpText("after", "\nExample:\n  trust plugin new weather");
    create.action((name: string, folder: string | undefined) =>
      run(async () => (await import("./new.ts")).newPlugin(name, folder, sharedOptions(create))),
    );
    const dev = plugin
      .command("dev <folder>")
      .description("run a plugin straight from its folder, and see what it says")
      .option("--call <words...>", "a tool, and its arguments as JSON")
      .option("--watch", "again after every change")
      .option(...json)
      .addHelpText("after", `\nExample:\n  trust plugin dev weather --call weather_hello '{"name": "you"}'`);
    dev.action((folder: string) =>
      run(async () => (await import("./dev.ts")).developPlugin(folder, dev.optsWithGlobals<DevOptions>())),
    );
    const install = plugin
      .command("install <folder>")
      .description("copy a plugin's files in, and approve it")
      .option("--yes", "approve what it asks for")
      .option(...json)
      .addHelpText("after", "\nExample:\n  trust plugin install ./weather");
    install.action((folder: string) =>
      run(async () => (await import("./install.ts")).installPlugin(folder, sharedOptions(install))),
    );
    const approve = plugin
      .command("approve <id>")
      .description("show what a plugin may do, and let it")
      .option("--yes", "approve what it asks for")
      .option(...json)
      .addHelpText("after", "\nExample:\n  trust plugin approve weather");
    approve.action((id: string) =>
      run(async () => (await import("./approve.ts")).approvePlugin(id, sharedOptions(approve))),
    );
    const remove = plugin
      .command("remove <id>")
      .description("remove a plugin with all that it stored")
      .option(...json)
      .addHelpText("after", "\nExample:\n  trust plugin remove weather");
    remove.action((id: string) =>
      run(async () => (await import("./remove.ts")).removePlugin(id, sharedOptions(remove))),
    );
  },
};
