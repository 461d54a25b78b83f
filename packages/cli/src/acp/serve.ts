import { Console } from "node:console";
import { Readable, Writable } from "node:stream";

import { ndJsonStream } from "@agentclientprotocol/sdk";

import { AcpSessions, type SessionsOptions } from "./acp-sessions.ts";
import { createAgentApp } from "./agent-app.ts";

/** Serves one editor over stdin and stdout until it closes them. Nothing but the protocol may reach stdout. */
export async function serveAcp(options: SessionsOptions, signal: AbortSignal): Promise<void> {
  globalThis.console = new Console(process.stderr);
  await using sessions = new AcpSessions(options);
  const output = Writable.toWeb(process.stdout);
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  const connection = createAgentApp(sessions).connect(ndJsonStream(output, input));
  const stop = (): void => connection.close();
  signal.addEventListener("abort", stop, { once: true });
  await connection.closed;
  signal.removeEventListener("abort", stop);
}
