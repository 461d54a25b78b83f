import { once } from "node:events";
import { chmodSync, lstatSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";

import { type HostCore, serveClient, type Served } from "./listen-client.ts";
import type { HostLog } from "./listen-log.ts";

export interface ListenOptions {
  socket: string;
  idleSeconds: number;
  log: HostLog;
}

const beatMilliseconds = 1000;
const longestFarewell = 3000;
const isWindows = process.platform === "win32";

/**
 * Serves every client that connects to the socket. The process leaves by itself after `idleSeconds` without clients
 * and work, when it is asked to, and, as soon as nobody needs it, when another host has taken its socket.
 */
export async function listen(core: HostCore, options: ListenOptions): Promise<void> {
  const { log, idleSeconds } = options;
  const clients = new Set<Served>();
  let place: Place | undefined;
  let isLeaving = false;
  const leave = (why: string): void => {
    if (isLeaving) return;
    isLeaving = true;
    log.note("info", `leaves: ${why}`);
    // First the name: whoever comes now starts another host.
    place?.giveUp();
    void leaveProcess(core);
  };
  const accept = (socket: Socket): void => {
    const client = serveClient(core, {
      input: socket,
      output: socket,
      close: () => {
        clients.delete(client);
        socket.destroy();
      },
      onDrop: (why) => log.note("warn", `a client was sent away: it ${why}`),
      onShutdown: () => leave("asked to by a client"),
    });
    clients.add(client);
  };
  place = await takePlace(createServer(accept), options.socket);
  if (place === undefined) {
    leave("another host serves already");
    return;
  }
  process.on("exit", () => place.giveUp());
  process.on("SIGTERM", () => leave("asked to by SIGTERM"));
  log.note("info", "started");
  setInterval(() => {
    log.rotate();
    for (const client of clients) client.beat();
    if (core.quietSince === undefined) return;
    if (!place.isOurs()) leave("another host has its place");
    const seconds = (performance.now() - core.quietSince) / 1000;
    if (seconds >= idleSeconds) leave(`idle for ${Math.round(seconds)} seconds`);
  }, beatMilliseconds);
}

/** Ends the process once `core` kept what it wanted to keep, or took too long over it. */
export async function leaveProcess(core: HostCore): Promise<never> {
  const timer = setTimeout(() => process.exit(0), longestFarewell);
  await core.close();
  clearTimeout(timer);
  return process.exit(0);
}

interface Place {
  isOurs(): boolean;
  giveUp(): void;
}

/**
 * Undefined when another host answers there. What a dead host left is replaced in one step, so that nobody removes a
 * socket that another one has just made.
 */
async function takePlace(server: Server, socket: string): Promise<Place | undefined> {
  if (await answers(socket)) return undefined;
  const own = isWindows ? socket : `${socket}.${process.pid}`;
  server.listen(own);
  await once(server, "listening");
  if (isWindows) return { isOurs: () => true, giveUp: () => undefined };
  chmodSync(own, 0o600);
  const { ino } = lstatSync(own);
  renameSync(own, socket);
  const pidFile = `${socket}.pid`;
  writeFileSync(pidFile, String(process.pid), { mode: 0o600 });
  const isOurs = (): boolean => lstatSync(socket, { throwIfNoEntry: false })?.ino === ino;
  return {
    isOurs,
    giveUp: () => {
      if (!isOurs()) return;
      for (const file of [socket, pidFile]) rmSync(file, { force: true });
    },
  };
}

async function answers(socket: string): Promise<boolean> {
  const probe = connect(socket);
  try {
    await once(probe, "connect");
    return true;
  } catch {
    return false;
  } finally {
    probe.destroy();
  }
}
