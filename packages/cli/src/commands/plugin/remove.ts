import { createAppToLook } from "../../composition/app.ts";
import { pluginRegistry } from "../../composition/plugins.ts";
import { printResult, type SharedOptions } from "../command.ts";

export async function removePlugin(id: string, options: SharedOptions): Promise<number> {
  const { paths } = await createAppToLook(options);
  const removed = await pluginRegistry(paths.data).remove(id);
  if (!removed.ok) throw removed.error;
  const { version } = removed.value.manifest;
  printResult(options.json, { id, version, removed: true }, () => `${id} ${version} is removed, with what it stored\n`);
  return 0;
}
