import type { Socket } from "node:net";
import { createInterface } from "node:readline";

import type { SharedHost } from "./host-entry.ts";
import type { HostTransport, TransportHandlers } from "./host-transport.ts";
import { endSilentHost } from "./shared-host-end.ts";
import { howHostEnded } from "./shared-host-log.ts";

/** One client's connection to the host that serves all processes of the person. */
export class SocketTransport implements HostTransport {
  readonly #socket: Socket;
  readonly #shared: SharedHost;
  #pid: number | undefined;

  constructor(socket: Socket, shared: SharedHost) {
    this.#socket = socket;
    this.#shared = shared;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  greeted(pid: number): void {
    this.#pid = pid;
  }

  listen({ onLine, onClose }: TransportHandlers): void {
    const lines = createInterface({ input: this.#socket, crlfDelay: Infinity }).on("line", onLine);
    // A host that dies resets the connection: its end tells the story.
    for (const one of [lines, this.#socket]) one.on("error", () => undefined);
    this.#socket.on("close", () => onClose(howHostEnded(this.#shared.place.log, this.#pid)));
  }

  write(line: string): void {
    if (this.#socket.writable) this.#socket.write(line);
  }

  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    const closed = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.destroySoon();
    await closed;
  }

  drop(): void {
    this.#socket.destroy();
  }

  /** It is dead for everyone when it does not greet a newcomer either; only then it is ended. */
  kill(): void {
    void endSilentHost(this.#shared.place, this.#pid).finally(() => this.#socket.destroy());
  }
}
