import { createInterface } from "node:readline";

import { type HostReply, HostRequest } from "../../../protocol/host.ts";
import { parseJson } from "../../../protocol/json.ts";
import { useInstalledBackends } from "./backend.ts";
import { HostServer } from "./server.ts";

const beatMilliseconds = 1000;

/**
 * The model host's own entry: started by the supervisor with UV_THREADPOOL_SIZE=1, speaks lines of JSON
 * on stdin and stdout, logs to stderr, and leaves when its parent closes the pipe.
 */
function main(): void {
  useInstalledBackends(process.env["TRUST_BACKENDS"]);
  const send = (reply: HostReply): void => {
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  };
  process.stdout.on("error", () => process.exit(0));
  // The terminal's Ctrl-C goes to the whole process group; only the client decides when to leave.
  process.on("SIGINT", () => undefined);
  const server = new HostServer(send);
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
  lines.on("line", (line) => {
    try {
      server.handle(parseJson(line, HostRequest, "host request"));
    } catch (error) {
      process.stderr.write(`error ${String(error)}\n`);
    }
  });
  lines.on("close", () => process.exit(0));
  setInterval(() => send({ type: "beat" }), beatMilliseconds);
}

main();
