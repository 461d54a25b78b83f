import { expect, test } from "vitest";

import type { HostReport } from "../../src/host/messages.ts";
import { PluginHostServer } from "../../src/host/server.ts";

const megabytes = (count: number): number => count * 1024 * 1024;

/** A server that was given these plugins, with calls under way of those named. No isolate is made before a call. */
function serverWith(
  plugins: Readonly<Record<string, number>>,
  ...called: readonly string[]
): [PluginHostServer, HostReport[]] {
  const reports: HostReport[] = [];
  const server = new PluginHostServer((report) => reports.push(report), {
    die: () => undefined,
    leave: () => undefined,
  });
  for (const [plugin, memoryMB] of Object.entries(plugins)) {
    server.handle({ type: "load", plugin, code: "1", memoryMB, cpuMs: 1000 });
  }
  for (const plugin of called) server.handle({ type: "call", plugin, call: 1, tool: undefined, input: {} });
  return [server, reports];
}

test.each([
  ["who took more than its limit alone", 64, ["one"], 100, "one"],
  ["nobody when what it took is within its limit", 256, ["one"], 300, undefined],
  ["nobody when two were at work", 64, ["one", "two"], 100, undefined],
])("when all memory is used, %s is named", (_, memoryMB, called, before, plugin) => {
  const [server, reports] = serverWith({ one: memoryMB, two: 64 }, ...called);
  server.checkMemory(megabytes(before));
  expect(reports).toEqual([]);
  server.checkMemory(megabytes(513));
  expect(reports).toEqual([{ type: "dying", plugin, reason: "used more than 512 MB of memory" }]);
});
