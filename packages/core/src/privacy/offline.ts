import net from "node:net";

import { TrustError } from "../protocol/errors.ts";
import { isLoopbackHost } from "../protocol/loopback.ts";

let blocked = false;

/**
 * Makes every later connection of this process beyond loopback fail with OFFLINE, before a name is
 * looked up. All of Node's clients (http, https, tls, fetch, undici) connect through net.Socket.
 */
export function blockRemoteConnections(): void {
  if (blocked) return;
  blocked = true;
  // oxlint-disable-next-line typescript/unbound-method -- called with the socket by Reflect.apply below
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function guarded(this: net.Socket, ...args: unknown[]): net.Socket {
    const host = remoteHost(args);
    if (host === undefined || isLoopbackHost(host)) return Reflect.apply(connect, this, args) as net.Socket;
    const error = new TrustError("OFFLINE", `a connection to ${host} was blocked: offline mode is on`, {
      hint: "leave out --offline to allow it",
    });
    process.nextTick(() => this.destroy(error));
    return this;
  } as typeof connect;
}

/** The host of `connect(options | port, host | path)`, in each of its forms; undefined for pipes. */
function remoteHost(args: readonly unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === "object" && first !== null) {
    const { path, host } = first as { path?: unknown; host?: unknown };
    if (typeof path === "string") return undefined;
    return typeof host === "string" ? host : "localhost";
  }
  if (typeof first === "string" && Number.isNaN(Number(first))) return undefined;
  return typeof second === "string" ? second : "localhost";
}
