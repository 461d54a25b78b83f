import { createApp, createAppToLook } from "../composition/app.ts";
import { installBackend, installedBackends } from "../composition/backends.ts";
import { type CommandModule, printResult, sharedOptions, type SharedOptions } from "./command.ts";

export const hostCommand: CommandModule = {
  register(program, run) {
    const host = program.command("host").description("the process that runs local models");
    const backend = host.command("backend").description("what llama.cpp computes on");
    const list = backend
      .command("list")
      .description("the backends that are installed")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust host backend list");
    list.action(() => run(() => listBackends(sharedOptions(list))));
    const install = backend
      .command("install <backend>")
      .description("fetch the vulkan or cuda binary from the npm registry")
      .option("--yes", "agree to the download")
      .option("--json", "one JSON value on stdout")
      .addHelpText("after", "\nExample:\n  trust host backend install vulkan");
    install.action((name: string) => run(() => installOne(name, sharedOptions(install))));
  },
};

async function listBackends(options: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(options);
  const names = installedBackends(paths.data);
  printResult(options.json, names, () => `${names.join("\n")}\n`);
  return 0;
}

async function installOne(name: string, options: SharedOptions): Promise<number> {
  const { paths, config } = await createApp(options, false);
  const installed = await installBackend(name, paths.data, { yes: options.yes === true, offline: config.offline });
  printResult(
    options.json,
    installed,
    () => `${installed.package} is installed. Use it: trust config set host.backend ${name}\n`,
  );
  return 0;
}
