import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { TrustError } from "../../protocol/errors.ts";
import { hostArguments, type HostEntry, hostEnvironment, type SharedHost } from "./host-entry.ts";
import { describeExit, hostCrash } from "./host-transport.ts";
import { takeStartLock } from "./shared-host-lock.ts";
import { readHostLog } from "./shared-host-log.ts";
import { preparePlace, type SharedHostPlace, socketExists } from "./shared-host-place.ts";

const pollMilliseconds = 20;
const longestStartMilliseconds = 30_000;

/**
 * Connects to the person's host, and starts it when there is none. However many do so at once, one host is started.
 * Throws HOST_MISSING when its place is taken by something else, and HOST_CRASHED when it does not come up.
 */
export async function connectOrStart(
  entry: HostEntry,
  shared: SharedHost,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const { place } = shared;
  preparePlace(place);
  const end = performance.now() + longestStartMilliseconds;
  while (performance.now() < end) {
    const socket = (await connectTo(place)) ?? (await startAlone(entry, shared, signal));
    if (socket !== undefined) return socket;
    await sleep(pollMilliseconds, undefined, { signal });
  }
  throw hostCrash(`could not be started in ${longestStartMilliseconds / 1000} seconds: another process holds its lock`);
}

/** Undefined when no host listens. */
export async function connectTo(place: SharedHostPlace): Promise<Socket | undefined> {
  if (!socketExists(place)) return undefined;
  const socket = connect(place.socket);
  const { promise, resolve, reject } = Promise.withResolvers<Socket | undefined>();
  socket.once("connect", () => resolve(socket));
  socket.once("error", (cause: NodeJS.ErrnoException) => {
    if (noListener.has(cause.code ?? "")) resolve(undefined);
    else reject(unreachable(place, cause));
  });
  return promise;
}

/** EAGAIN: so many connect at once that the host must first accept some. */
const noListener: ReadonlySet<string> = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EAGAIN"]);

const unreachable = ({ socket }: SharedHostPlace, cause: Error): TrustError =>
  new TrustError("HOST_MISSING", `the shared model host cannot be reached at ${socket}: ${cause.message}`, {
    hint: "trust host stop, or use --private-host",
    cause,
  });

/** Undefined when another process is starting it. */
async function startAlone(
  entry: HostEntry,
  shared: SharedHost,
  signal: AbortSignal | undefined,
): Promise<Socket | undefined> {
  using lock = takeStartLock(shared.place.lock);
  if (lock === undefined) return undefined;
  // Another one may have started it between the first look and the lock.
  const running = await connectTo(shared.place);
  if (running !== undefined) return running;
  const child = spawnDetached(entry, shared);
  let end: string | undefined;
  child.once("error", (cause) => (end = `could not be started: ${cause.message}`));
  child.once("exit", (code, by) => {
    const said = readHostLog(shared.place.log, 20).map(({ message }) => message);
    end = code === 0 ? "" : describeExit(code, by, said.join("\n"));
  });
  if (child.pid !== undefined) lock.handTo(child.pid);
  const last = performance.now() + longestStartMilliseconds;
  while (performance.now() < last) {
    await sleep(pollMilliseconds, undefined, { signal });
    const socket = await connectTo(shared.place);
    if (socket !== undefined) return socket;
    // It left in good order: another one serves, or did.
    if (end === "") return undefined;
    if (end !== undefined) throw hostCrash(end);
  }
  child.kill("SIGKILL");
  throw hostCrash(`did not listen within ${longestStartMilliseconds / 1000} seconds`);
}

/** A process of its own, which outlives this one; what it and native code write goes to the log. */
function spawnDetached(entry: HostEntry, { place }: SharedHost): ReturnType<typeof spawn> {
  const file = openSync(place.log, "a", 0o600);
  try {
    const child = spawn(entry.command, hostArguments(entry), {
      detached: true,
      stdio: ["ignore", "ignore", file],
      // It must keep no folder of the person's from being unmounted or removed.
      cwd: place.directory,
      env: hostEnvironment(),
      windowsHide: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(file);
  }
}
