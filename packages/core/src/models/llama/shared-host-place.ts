import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, type Stats } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

import { TrustError } from "../../protocol/errors.ts";
import { hostProtocolVersion } from "../../protocol/host.ts";

/** Where a person's shared model host is met. */
export interface SharedHostPlace {
  /** Of the socket and what lies beside it. */
  directory: string;
  /** A Unix socket, or the name of a pipe on Windows. */
  socket: string;
  /** The host's own, and what native code writes before it dies. */
  log: string;
  /** Held by the process that starts the host. */
  lock: string;
  /** Holds the process id of the host that listens; not on Windows. */
  pidFile?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Another socket's name is made from this one by adding a process id, and macOS allows 103 bytes in all. */
const longestSocket = 95;
const onlyTheOwner = 0o700;
const isWindows = process.platform === "win32";

/**
 * The place for this data folder, this version of the protocol and this backend: two installations, versions or
 * backends never meet. Only makes names; throws HOST_MISSING when none is short enough for a socket.
 */
export function sharedHostPlace(environment: Environment, dataFolder: string, backend: string): SharedHostPlace {
  const name = `${digest(dataFolder).slice(0, 6)}-v${hostProtocolVersion}-${backend}`;
  if (isWindows) {
    const directory = join(tmpdir(), "trust");
    const pipe = `\\\\.\\pipe\\trust-${digest(userInfo().username).slice(0, 12)}-${name}`;
    return { directory, socket: pipe, log: join(directory, `${name}.log`), lock: join(directory, `${name}.lock`) };
  }
  const short = directories(environment).find((one) => Buffer.byteLength(join(one, `${name}.sock`)) <= longestSocket);
  if (short !== undefined) {
    const socket = join(short, `${name}.sock`);
    return { directory: short, socket, log: `${socket}.log`, lock: `${socket}.lock`, pidFile: `${socket}.pid` };
  }
  throw new TrustError("HOST_MISSING", "every folder for the socket of the model host has too long a path", {
    hint: "set TMPDIR to a folder with a short path, or use --private-host",
  });
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** In the order of preference. A runtime folder that is not ours comes from another person's session, as with su. */
function directories({ XDG_RUNTIME_DIR: runtime, TMPDIR: temporary }: Environment): string[] {
  const user = ownUser();
  const base = temporary !== undefined && isAbsolute(temporary) ? temporary : tmpdir();
  const others = [join(base, `trust-${user}`), join("/tmp", `trust-${user}`)];
  return runtime !== undefined && isAbsolute(runtime) && isOwnFolder(runtime)
    ? [join(runtime, "trust"), ...others]
    : others;
}

function isOwnFolder(path: string): boolean {
  const stats = look(path);
  return stats?.isDirectory() === true && stats.uid === ownUser();
}

/** The number of this process's user; Windows has none, and keeps people apart by itself. */
const ownUser = (): number => process.geteuid?.() ?? 0;

/** Makes the directory, for its owner alone. Throws HOST_MISSING when something else has its name. */
export function preparePlace({ directory }: SharedHostPlace, user = ownUser()): void {
  try {
    mkdirSync(directory, { mode: onlyTheOwner });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw refused(directory, "cannot be made", cause);
  }
  if (isWindows) return;
  const stats = look(directory);
  if (stats?.isDirectory() !== true) throw refused(directory, "is not a folder");
  refuseForeign(directory, stats, user);
  if ((stats.mode & 0o077) !== 0) chmodSync(directory, onlyTheOwner);
}

/**
 * Whether there is a socket of ours to connect to. Throws HOST_MISSING when something else has its name: it is neither
 * connected to nor removed.
 */
export function socketExists({ socket }: SharedHostPlace, user = ownUser()): boolean {
  if (isWindows) return true;
  const stats = look(socket);
  if (stats === undefined) return false;
  refuseForeign(socket, stats, user);
  if (!stats.isSocket()) throw refused(socket, "is not a socket");
  return true;
}

/** A link is judged itself, not what it names. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw refused(path, "cannot be looked at", cause);
  }
}

function refuseForeign(path: string, { uid }: Stats, user: number): void {
  if (isWindows || uid === user) return;
  throw refused(path, `belongs to ${uid === 0 ? "root" : `user ${uid}`}, not to you (user ${user})`);
}

const refused = (path: string, why: string, cause?: unknown): TrustError =>
  new TrustError("HOST_MISSING", `the shared model host cannot be reached: ${path} ${why}`, {
    hint: "remove it or have it removed, or use --private-host",
    cause,
  });
