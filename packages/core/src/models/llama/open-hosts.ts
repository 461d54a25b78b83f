import type { HostNotice } from "./host-connection.ts";

interface OpenHost {
  notify(notice: HostNotice): void;
}

const open = new Set<OpenHost>();

/** Adds a host to those that this process talks to; gives what takes it away again. */
export function addOpenHost(host: OpenHost): () => void {
  open.add(host);
  return () => void open.delete(host);
}

/** Tells every model host that this process talks to something that needs no answer. */
export function tellHosts(notice: HostNotice): void {
  for (const host of open) host.notify(notice);
}
