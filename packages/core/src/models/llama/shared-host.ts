import { TrustError } from "../../protocol/errors.ts";
import type { HostStatus } from "../../protocol/host.ts";
import { HostConnection, type RequestBody, type RequestReply } from "./host-connection.ts";
import type { SharedHost } from "./host-entry.ts";
import { hostCrash } from "./host-transport.ts";
import { goneWithin, killHost, writtenPid } from "./shared-host-end.ts";

export type { HostStatus } from "../../protocol/host.ts";
export { readHostLog } from "./shared-host-log.ts";

const leaveMilliseconds = 5000;
const missedBeats = 5;

/** What the shared host says of itself, without the one who asks; undefined when none runs. */
export async function sharedHostStatus(shared: SharedHost, signal: AbortSignal): Promise<HostStatus | undefined> {
  const client = `trust host status (${process.pid})`;
  const reply = await askOnce(shared, { client, body: { type: "status" }, last: "status" }, signal);
  if (reply === undefined) return undefined;
  return { ...reply.status, clients: reply.status.clients.filter(({ name }) => name !== client) };
}

/** Takes the models of a file out of the shared host's memory, but for those at work; gives how many. */
export async function unloadFromSharedHost(shared: SharedHost, path: string, signal: AbortSignal): Promise<number> {
  const client = `trust model unload (${process.pid})`;
  const reply = await askOnce(shared, { client, body: { type: "unload", path }, last: "unloaded" }, signal);
  return reply?.models ?? 0;
}

/** The reply of the shared host; undefined when none runs. */
async function askOnce<Last extends RequestReply["type"]>(
  shared: SharedHost,
  { client, body, last }: { client: string; body: RequestBody; last: Last },
  signal: AbortSignal,
): Promise<Extract<RequestReply, { type: Last }> | undefined> {
  const connection = await HostConnection.find(shared, client, missedBeats);
  if (connection === undefined) return undefined;
  const isLast = (reply: RequestReply): reply is Extract<RequestReply, { type: Last }> => reply.type === last;
  try {
    for await (const reply of connection.request(body, signal)) if (isLast(reply)) return reply;
    throw hostCrash("ended without an answer");
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
