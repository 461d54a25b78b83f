import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { hostProtocolVersion } from "../../protocol/host.ts";
import { isAlive } from "./shared-host-lock.ts";
import type { SharedHostPlace } from "./shared-host-place.ts";
import { connectTo } from "./shared-host-start.ts";

const greetingMilliseconds = 3000;
const pollMilliseconds = 20;

/** Kills the host when it greets nobody any more, so that it is lost for all its clients. */
export async function endSilentHost(place: SharedHostPlace, pid: number | undefined): Promise<void> {
  if (!(await greets(place))) killHost(place, pid);
}

/** Does the host answer one who comes in now? */
async function greets(place: SharedHostPlace): Promise<boolean> {
  const socket = await connectTo(place);
  if (socket === undefined) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), greetingMilliseconds);
  socket.once("data", () => resolve(true));
  socket.once("close", () => resolve(false));
  socket.on("error", () => undefined);
  socket.write(`${JSON.stringify({ type: "hello", protocol: hostProtocolVersion })}\n`);
  const isGreeted = await promise;
  clearTimeout(timer);
  socket.destroy();
  return isGreeted;
}

/** False when there was no such host any more. `pid`: as it was greeted; otherwise as the host wrote it down. */
export function killHost(place: SharedHostPlace, pid = writtenPid(place)): boolean {
  // Numbers of processes are given away again, and one from another container means somebody else here.
  if (pid === undefined || !commandLine(pid).includes(place.socket)) return false;
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Resolves to whether the process was gone within the time. */
export async function goneWithin(pid: number, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await sleep(pollMilliseconds);
  }
  return true;
}

export function writtenPid({ pidFile }: SharedHostPlace): number | undefined {
  if (pidFile === undefined) return undefined;
  try {
    const pid = Number(readFileSync(pidFile, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Empty when there is no such process, or nothing is known of it. */
function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    if (process.platform === "win32") return "";
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}
