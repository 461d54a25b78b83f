import { TrustError } from "../../protocol/errors.ts";
import type { HostStatus } from "../../protocol/host.ts";
import { HostConnection } from "./host-connection.ts";
import type { SharedHost } from "./host-entry.ts";
import { hostCrash } from "./host-transport.ts";
import { goneWithin, killHost, writtenPid } from "./shared-host-end.ts";

export type { HostStatus } from "../../protocol/host.ts";
export { readHostLog } from "./shared-host-log.ts";

const leaveMilliseconds = 5000;
const missedBeats = 5;

/** What the shared host says of itself, without the one who asks; undefined when none runs. */
export async function sharedHostStatus(shared: SharedHost, signal: AbortSignal): Promise<HostStatus | undefined> {
  const name = `trust host status (${process.pid})`;
  const connection = await HostConnection.find(shared, name, missedBeats);
  if (connection === undefined) return undefined;
  try {
    for await (const reply of connection.request({ type: "status" }, signal)) {
      if (reply.type !== "status") continue;
      const clients = reply.status.clients.filter((client) => client.name !== name);
      return { ...reply.status, clients };
    }
    throw hostCrash("did not say how it is");
  } finally {
    await connection.close();
  }
}

/**
 * Ends the shared host: it is asked to leave, and killed when it does not within five seconds or does not answer.
 * Undefined when none ran.
 */
export async function stopSharedHost(shared: SharedHost): Promise<{ pid: number; killed: boolean } | undefined> {
  const { place } = shared;
  let pid = writtenPid(place);
  try {
    const connection = await HostConnection.find(shared, `trust host stop (${process.pid})`, missedBeats);
    if (connection === undefined) return undefined;
    pid = connection.pid ?? pid;
    connection.shutDown();
    const isGone = pid !== undefined && (await goneWithin(pid, leaveMilliseconds));
    await connection.close();
    if (pid !== undefined && isGone) return { pid, killed: false };
  } catch (error) {
    if (!(error instanceof TrustError) || error.code !== "HOST_CRASHED") throw error;
  }
  if (pid === undefined) throw hostCrash("does not answer, and its process is not known");
  killHost(place, pid);
  if (await goneWithin(pid, leaveMilliseconds)) return { pid, killed: true };
  throw hostCrash(`could not be ended: process ${pid} is still there`);
}
