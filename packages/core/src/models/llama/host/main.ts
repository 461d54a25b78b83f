import { parseArgs } from "node:util";

import { serveClient } from "./listen-client.ts";
import { HostLog } from "./listen-log.ts";
import { leaveProcess, listen } from "./listen.ts";
import { HostServer } from "./server.ts";

const beatMilliseconds = 1000;
const backendNames = ["cpu", "vulkan", "cuda", "metal"] as const;

/**
 * The model host's own entry, started with UV_THREADPOOL_SIZE=1. With a socket it serves every client there and logs to
 * a file; without one it serves its parent over stdio, logs to stderr, and leaves when the pipe is closed.
 */
async function main(): Promise<void> {
  // All that it makes is for its owner alone, from the start.
  process.umask(0o077);
  const { values } = parseArgs({
    options: {
      backend: { type: "string" },
      backends: { type: "string" },
      state: { type: "string" },
      socket: { type: "string" },
      log: { type: "string" },
      "idle-seconds": { type: "string" },
    },
  });
  const { socket, log: logFile = "" } = values;
  // The terminal's Ctrl-C goes to the whole process group; only the client decides when to leave.
  process.on("SIGINT", () => undefined);
  const backend = backendNames.find((name) => name === values.backend);
  const llama = { backend, backendsDirectory: values.backends, stateDirectory: values.state };
  if (socket === undefined) {
    const note = (level: string, message: string): void => void process.stderr.write(`${level} ${message}\n`);
    serveParent(new HostServer({ ...llama, note }), note);
    return;
  }
  const log = new HostLog(logFile);
  const core = new HostServer({ ...llama, note: (level, message) => log.note(level, message) });
  await listen(core, { socket, idleSeconds: Number(values["idle-seconds"]), log });
}

function serveParent(core: HostServer, note: (level: string, message: string) => void): void {
  const leave = (): void => void leaveProcess(core);
  const parent = serveClient(core, {
    input: process.stdin,
    output: process.stdout,
    close: leave,
    onDrop: (why) => note("error", `leaves: its parent ${why}`),
    onShutdown: leave,
  });
  setInterval(() => parent.beat(), beatMilliseconds);
}

await main();
