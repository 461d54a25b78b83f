import { createApp, createAppToLook } from "../../composition/app.ts";
import { installBackend, installedBackends } from "../../composition/backends.ts";
import { printResult, type SharedOptions } from "../command.ts";

export async function listBackends(options: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(options);
  const names = installedBackends(paths.data);
  printResult(options.json, names, () => `${names.join("\n")}\n`);
  return 0;
}

export async function installOne(name: string, options: SharedOptions): Promise<number> {
  const { paths, config } = await createApp(options, false);
  const installed = await installBackend(name, paths.data, { yes: options.yes === true, offline: config.offline });
  printResult(
    options.json,
    installed,
    () => `${installed.package} is installed. Use it: trust config set host.backend ${name}\n`,
  );
  return 0;
}
