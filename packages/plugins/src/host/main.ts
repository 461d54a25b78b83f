import { createInterface } from "node:readline";

import type { HostReport } from "./messages.ts";
import type { HostOrder } from "./orders.ts";
import { PluginHostServer } from "./server.ts";

const watchMilliseconds = 25;

/**
 * The plugin host's own entry: lines of JSON on stdin and stdout. It ends by a signal to itself, because an orderly
 * exit can crash while an isolate is at work.
 */
function main(): void {
  const leave = (): void => process.kill(process.pid, "SIGKILL") as unknown as undefined;
  const report = (message: HostReport): void => {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  };
  const server = new PluginHostServer(report, { die: () => process.abort(), leave });
  process.stdout.on("error", leave);
  // The terminal's Ctrl-C goes to the whole process group; only the parent decides when to leave.
  process.on("SIGINT", () => undefined);
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  lines.on("line", (line) => {
    // oxlint-disable-next-line no-restricted-properties -- from our own parent; the checked parser would double the start
    server.handle(JSON.parse(line) as HostOrder);
  });
  lines.on("close", leave);
  setInterval(() => {
    server.checkBudgets();
    server.checkMemory(process.memoryUsage.rss());
  }, watchMilliseconds);
  report({ type: "ready" });
}

main();
