import { createAppToLook } from "../../composition/app.ts";
import { type DetectedModel, type DetectedServer, detectServers } from "../../composition/detected.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";

export async function printServers(options: SharedOptions): Promise<number> {
  const { config, workspace, paths, environment } = await createAppToLook(options);
  using interrupt = interruptSignal();
  const servers = await detectServers({ config, cwd: workspace.root, paths, environment }, interrupt.signal);
  printResult(options.json, servers, () => rows(servers));
  return 0;
}

function rows(servers: readonly DetectedServer[]): string {
  if (servers.length === 0) return "No model server answers on this machine.\n";
  return servers.map(({ name, url, models }) => `${name} at ${url}\n${models.map(row).join("")}`).join("");
}

function row({ reference, contextSize, trainedFor, isRunning, local }: DetectedModel): string {
  const tokens = (count: number | undefined, what: string): string[] =>
    count === undefined ? [] : [`${what} ${count.toLocaleString("en-US")} tokens`];
  const facts = [
    ...tokens(contextSize, "window"),
    ...tokens(trainedFor, "trained for"),
    ...(isRunning ? ["running"] : []),
    ...(local ? [] : ["text leaves this machine"]),
  ];
  return `  ${reference}  ${facts.join(", ")}`.trimEnd() + "\n";
}
