import { abortable } from "./abort.ts";
import { isCrash } from "./host-transport.ts";
import type { HostSupervisor, ReadyHost } from "./supervisor.ts";

/** Work whose outcome is there only at its end is begun anew after a crash this often. */
const mostRestarts = 1;

/** Runs something with a host that has the model in memory, and once more when the host crashes meanwhile. */
export async function runWithHost<T>(
  supervisor: HostSupervisor,
  signal: AbortSignal,
  work: (host: ReadyHost) => Promise<T>,
): Promise<T> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await work(await abortable(() => supervisor.ready(), signal));
    } catch (error) {
      // However the host puts it.
      signal.throwIfAborted();
      const another = restarts < mostRestarts && supervisor.wasReady;
      if (!another || !isCrash(error)) throw error;
    }
  }
}
