import type { HostDevices } from "../../protocol/host.ts";
import { HostConnection } from "./host-connection.ts";
import type { HostEntry } from "./host-entry.ts";
import { hostCrash } from "./host-transport.ts";

export type { HostDevices } from "../../protocol/host.ts";

/**
 * What a model host computes on, and what its GPU has free. `entry` is that of a private host: a driver can end it.
 * Throws HOST_MISSING when llama.cpp is not there for the backend.
 */
export async function hostDevices(entry: HostEntry, signal: AbortSignal): Promise<HostDevices> {
  const connection = await HostConnection.open(entry, { signal });
  try {
    for await (const reply of connection.request({ type: "devices" }, signal)) {
      if (reply.type === "devices") return reply.devices;
    }
    signal.throwIfAborted();
    throw hostCrash("did not say what it computes on");
  } finally {
    await connection.close();
  }
}
