import {
  type HostStatus,
  readHostLog,
  type SharedHost,
  sharedHostStatus,
  stopSharedHost,
} from "@trust-cli/core/models";

import { sharedHost } from "../../composition/locations.ts";
import { sizeText } from "../../composition/model.ts";
import { type AppFlags, loadSettings } from "../../composition/settings.ts";
import { writeText } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";

export async function showStatus(options: SharedOptions): Promise<number> {
  const host = await hostOf(options);
  using interrupt = interruptSignal();
  const status = await sharedHostStatus(host, interrupt.signal);
  const { socket, log } = host.place;
  const value = status === undefined ? { running: false } : { running: true, ...status, socket, log };
  printResult(options.json, value, () => (status === undefined ? "No model host runs.\n" : describe(status)));
  return 0;
}

export async function stopHost(options: SharedOptions): Promise<number> {
  const stopped = await stopSharedHost(await hostOf(options));
  const value = stopped === undefined ? { stopped: false } : { stopped: true, ...stopped };
  printResult(options.json, value, () => {
    if (stopped === undefined) return "No model host ran.\n";
    const how = stopped.killed ? "did not leave and was killed" : "left";
    return `The model host (process ${stopped.pid}) ${how}.\n`;
  });
  return 0;
}

export async function showLogs(options: SharedOptions & { lines: number }): Promise<number> {
  const { place } = await hostOf(options);
  for (const line of readHostLog(place.log, options.lines)) {
    if (options.json === true) process.stdout.write(`${JSON.stringify(line)}\n`);
    else writeText(`${line.time ?? "-"}  ${line.level}  ${line.message}\n`);
  }
  return 0;
}

/** Where it is met; settings with a mistake must not keep a person from stopping it. */
async function hostOf(flags: AppFlags): Promise<SharedHost> {
  const { config, paths } = await loadSettings(flags, true);
  return sharedHost(config, paths);
}

function describe({ pid, backend, uptimeSeconds, clients, models, memory }: HostStatus): string {
  const head = `The model host is process ${pid} (${backend}), up ${duration(uptimeSeconds)}, ${sizeText(memory.rssBytes)} of memory.\n`;
  const used = models.map(
    ({ name, use, ramBytes, vramBytes, contextSize, busy, idleSeconds, pinned }) =>
      `  ${name}  ${use}, ${sizeText(ramBytes + vramBytes)}, window ${contextSize}, ${
        busy > 0 ? `${busy} at work` : `idle ${duration(idleSeconds)}`
      }${pinned ? ", pinned" : ""}\n`,
  );
  const served = clients.map(({ name }) => `  ${name}\n`);
  return [head, `Models: ${models.length}\n`, ...used, `Clients: ${clients.length}\n`, ...served].join("");
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
