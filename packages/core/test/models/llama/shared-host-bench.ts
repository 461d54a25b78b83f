import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { HostConnection } from "../../../src/models/llama/host-connection.ts";
import type { HostEntry, SharedHost } from "../../../src/models/llama/host-entry.ts";
import { sharedHostPlace } from "../../../src/models/llama/shared-host-place.ts";
import { parseUnknownJson } from "../../../src/protocol/json.ts";
import { temporaryWorkspace } from "../../../src/testing/index.ts";
import { isRunning, never } from "./llama-bench.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const fromSource = "--conditions=@trust-cli/source";

export interface SharedRig extends AsyncDisposable {
  entry: HostEntry;
  shared: SharedHost;
  open(missedBeats?: number): Promise<HostConnection>;
  /** The ids of all hosts that this rig's starts ever wrote into the log, oldest first. */
  started(): number[];
  /**
   * A process of its own with so many connections, each with work that never ends: of the fixture, or a reply of the
   * model in a file. Resolves to their hosts.
   */
  client(connections?: number, model?: string): Promise<{ process: ChildProcess; hosts: number[] }>;
}

const fixtureArgs = [fromSource, fixture("shared-host.ts")];

export interface RigOptions {
  idleSeconds?: number;
  /** What starts the host. Default: the one of the fixture, which has the real transport and no model. */
  args?: readonly string[];
}

/** A place of its own for a shared host, whose hosts are ended with it. Nothing runs yet. */
export async function sharedRig({ idleSeconds = 60, args = fixtureArgs }: RigOptions = {}): Promise<SharedRig> {
  const folder = await temporaryWorkspace();
  const place = sharedHostPlace({ XDG_RUNTIME_DIR: folder.path }, folder.path, "cpu");
  const shared: SharedHost = { place, idleSeconds };
  const entry: HostEntry = { command: process.execPath, args, shared };
  const connections: HostConnection[] = [];
  const clients: ChildProcess[] = [];
  const started = (): number[] =>
    [...readText(place.log).matchAll(/"message":"started","pid":(\d+)/g)].map(([, pid]) => Number(pid));
  return {
    entry,
    shared,
    started,
    async open(missedBeats) {
      const connection = await HostConnection.open(entry, { missedBeats });
      connections.push(connection);
      return connection;
    },
    async client(count = 1, model = "") {
      const words = [fromSource, fixture("shared-client.ts"), JSON.stringify(entry), String(count), model];
      const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
      clients.push(child);
      const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
      return { process: child, hosts: parseUnknownJson(line, "client") as number[] };
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.kill("SIGKILL");
      await Promise.all(connections.map((connection) => connection.close()));
      for (const pid of started()) if (isRunning(pid)) process.kill(pid, "SIGKILL");
      await folder[Symbol.asyncDispose]();
    },
  };
}

export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** How many pieces of endless work the host has, by its own count. */
export async function openWork(connection: HostConnection): Promise<number> {
  for await (const reply of connection.request({ type: "count", model: 1, prompt: [] }, never())) {
    if (reply.type === "counted") return reply.tokens;
  }
  throw new Error("no count came");
}

/** Waits until `isTrue`; the test's own time limit ends it otherwise. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
