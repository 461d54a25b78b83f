import { AsyncQueue } from "../../protocol/async-queue.ts";
import { TrustError } from "../../protocol/errors.ts";
import { HostReply, hostProtocolVersion, type HostRequest } from "../../protocol/host.ts";
import { parseJson } from "../../protocol/json.ts";
import type { HostEntry, SharedHost } from "./host-entry.ts";
import { ChildTransport } from "./host-transport-child.ts";
import { SocketTransport } from "./host-transport-socket.ts";
import { hostCrash, type HostTransport } from "./host-transport.ts";
import { addOpenHost } from "./open-hosts.ts";
import { connectOrStart, connectTo } from "./shared-host-start.ts";

export type { HostEntry } from "./host-entry.ts";

/** A reply that belongs to a request. */
export type RequestReply = Extract<HostReply, { request: number }>;
export type RequestBody =
  Extract<HostRequest, { request: number }> extends infer R
    ? R extends { type: "cancel" }
      ? never
      : R extends { request: number }
        ? Omit<R, "request">
        : never
    : never;
/** What a host is told without an answer. */
export type HostNotice = Extract<HostRequest, { type: "warm" | "busy" }>;

export interface OpenOptions {
  /** Seconds without any message after which a host counts as hung. */
  missedBeats?: number | undefined;
  /** What a host of our own writes to stderr; a shared one has a log. */
  onStderr?: (text: string) => void;
  signal?: AbortSignal;
}

const beatMilliseconds = 1000;
const usualMissedBeats = 15;
/** A host may leave, idle, just as it is connected to. */
const attempts = 4;
/** A dying host may leave half a line; one that lives on after a line that is not ours speaks something else. */
const foreignGraceMilliseconds = 250;

/** The replies that end a request. */
const lastReplies: ReadonlySet<HostReply["type"]> = new Set([
  "loaded",
  "counted",
  "rendered",
  "accepted",
  "end",
  "embedded",
  "ranked",
  "status",
  "devices",
  "unloaded",
  "failed",
]);

/**
 * A connection to a model host: our own over stdio, or the one that all processes of the person share. Its loss is
 * noticed by its end or by `missedBeats` seconds without any message; then every open request fails with
 * HOST_CRASHED and `crashed` holds the reason in a sentence.
 */
export class HostConnection {
  readonly #transport: HostTransport;
  readonly #open = new Map<number, AsyncQueue<RequestReply>>();
  readonly #watch: NodeJS.Timeout;
  readonly #greeting = Promise.withResolvers<void>();
  #nextRequest = 1;
  #missed = 0;
  #foreign: NodeJS.Timeout | undefined;
  #crash: TrustError | undefined;
  #closing = false;
  readonly #forget: () => void;

  private constructor(transport: HostTransport, client: string | undefined, missedBeats: number) {
    this.#transport = transport;
    this.#greeting.promise.catch(() => undefined);
    transport.listen({
      onLine: (line) => this.#receive(line),
      onClose: (reason) => this.#fail(hostCrash(reason)),
    });
    this.#write({ type: "hello", protocol: hostProtocolVersion, ...(client === undefined ? {} : { client }) });
    this.#watch = setInterval(() => this.#tick(missedBeats), beatMilliseconds);
    this.#watch.unref();
    this.#forget = addOpenHost(this);
  }

  /**
   * A host of our own is not waited for: one that cannot be started fails its first request. A shared host has greeted
   * us. Throws HOST_MISSING and HOST_CRASHED.
   */
  static async open(entry: HostEntry, options: OpenOptions = {}): Promise<HostConnection> {
    const { missedBeats = usualMissedBeats, onStderr = () => undefined, signal } = options;
    const { shared, client } = entry;
    signal?.throwIfAborted();
    if (shared === undefined) {
      return new HostConnection(new ChildTransport(entry, onStderr), client, missedBeats);
    }
    for (let attempt = 1; ; attempt++) {
      const transport = new SocketTransport(await connectOrStart(entry, shared, signal), shared);
      const connection = new HostConnection(transport, client, missedBeats);
      try {
        await connection.#greeting.promise;
        return connection;
      } catch (error) {
        if (attempt === attempts || !(error instanceof TrustError) || error.code !== "HOST_CRASHED") throw error;
      }
    }
  }

  /** A connection to the shared host that runs; undefined when none does. Starts none. */
  static async find(shared: SharedHost, client: string, missedBeats: number): Promise<HostConnection | undefined> {
    const socket = await connectTo(shared.place);
    if (socket === undefined) return undefined;
    const connection = new HostConnection(new SocketTransport(socket, shared), client, missedBeats);
    await connection.#greeting.promise;
    return connection;
  }

  get pid(): number | undefined {
    return this.#transport.pid;
  }

  get crashed(): TrustError | undefined {
    return this.#crash;
  }

  /** Sends a request and yields its replies up to the last; `failed` it throws. */
  async *request(body: RequestBody, signal: AbortSignal): AsyncGenerator<RequestReply, void, void> {
    if (this.#crash !== undefined) throw this.#crash;
    const request = this.#nextRequest++;
    const replies = new AsyncQueue<RequestReply>();
    this.#open.set(request, replies);
    const cancel = (): void => this.#write({ type: "cancel", request });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      this.#write({ ...body, request });
      if (signal.aborted) cancel();
      for await (const reply of replies) {
        if (reply.type === "failed") throw hostError(reply);
        yield reply;
      }
    } finally {
      signal.removeEventListener("abort", cancel);
      if (this.#open.delete(request)) cancel();
    }
  }

  /** Tells the host something that needs no answer. Never fails: a host that is gone need not know. */
  notify(notice: HostNotice): void {
    this.#write(notice);
  }

  /** Asks the host to end for everybody; the connection is lost with it. */
  shutDown(): void {
    this.#write({ type: "shutdown" });
  }

  /** Ends a host of our own, and leaves a shared one. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopWatching();
    this.#crash ??= new TrustError("HOST_CRASHED", "The model host was closed");
    this.#failOpen(this.#crash);
    await this.#transport.close();
  }

  #receive(line: string): void {
    this.#missed = 0;
    // Native code may print on its own; only our own lines begin with a brace.
    if (!line.startsWith("{")) return;
    const reply = readReply(line);
    if (reply === undefined) this.#doubt();
    else if ("request" in reply) this.#answer(reply);
    else if (reply.type === "hello") this.#greet(reply);
  }

  #greet({ protocol, pid }: Extract<HostReply, { type: "hello" }>): void {
    this.#transport.greeted(pid);
    if (protocol === hostProtocolVersion) this.#greeting.resolve();
    else this.#drop(mismatch(protocol));
  }

  #doubt(): void {
    if (this.#crash !== undefined) return;
    this.#foreign ??= setTimeout(() => this.#drop(notOurs()), foreignGraceMilliseconds);
  }

  #answer(reply: RequestReply): void {
    const queue = this.#open.get(reply.request);
    queue?.push(reply);
    if (lastReplies.has(reply.type)) {
      this.#open.delete(reply.request);
      queue?.end();
    }
  }

  #write(request: HostRequest): void {
    this.#transport.write(`${JSON.stringify(request)}\n`);
  }

  #tick(missedBeats: number): void {
    this.#missed++;
    if (this.#missed < missedBeats) return;
    this.#fail(hostCrash(`did not answer for ${missedBeats} seconds`));
    this.#transport.kill();
  }

  #drop(why: TrustError): void {
    this.#fail(why);
    this.#transport.drop();
  }

  #fail(why: TrustError): void {
    if (this.#crash !== undefined || this.#closing) return;
    this.#stopWatching();
    this.#crash = why;
    this.#greeting.reject(why);
    this.#failOpen(why);
  }

  #stopWatching(): void {
    this.#forget();
    clearInterval(this.#watch);
    clearTimeout(this.#foreign);
  }

  #failOpen(error: TrustError): void {
    for (const queue of this.#open.values()) queue.fail(error);
    this.#open.clear();
  }
}

/** The reply in a line; undefined when the line is torn or none of ours. */
function readReply(line: string): HostReply | undefined {
  try {
    return parseJson(line, HostReply, "model host", "HOST_CRASHED");
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}

const notOurs = (): TrustError => hostCrash("sent what is not its protocol");

function mismatch(protocol: number): TrustError {
  return new TrustError(
    "HOST_MISSING",
    `The model host speaks protocol ${protocol}, but this program needs protocol ${hostProtocolVersion}`,
    { hint: "npm run build" },
  );
}

function hostError(reply: Extract<RequestReply, { type: "failed" }>): TrustError {
  const { code, message, hint } = reply.error;
  return new TrustError(code, message, { hint });
}
