import type { Readable, Writable } from "node:stream";

import { errorBody, TrustError } from "../../../protocol/errors.ts";
import { type HostReply, HostRequest } from "../../../protocol/host.ts";
import { checkValue, parseUnknownJson } from "../../../protocol/json.ts";
import { pacedReplies } from "./listen-pace.ts";

/** What serves clients: their requests one by one, until `close` frees all that was done for them. */
export interface HostCore {
  connect(send: (reply: HostReply) => void): { handle(request: HostRequest): void; close(): void };
  /** Since when nobody was connected and nothing was running, by `performance.now()`; undefined while there is any. */
  readonly quietSince: number | undefined;
  /** Keeps what is worth keeping before the process ends. */
  close(): Promise<void>;
}

/** A prompt that fills the largest windows is below; a line must end somewhere. */
const longestLine = 32 * 1024 * 1024;
/** A client that reads no more than this behind is taken for dead. */
const mostUnread = 8 * 1024 * 1024;

export interface Served {
  beat(): void;
}

/** `close` ends the connection for good; `onDrop` hears why a client was sent away; `onShutdown` ends the process. */
interface Stream {
  input: Readable;
  output: Writable;
  close: () => void;
  onDrop: (why: string) => void;
  onShutdown: () => void;
}

/**
 * Serves one client over lines of JSON. One that sends what is no request, or a line without an end, or does not read
 * its replies, is sent away; the others never notice.
 */
export function serveClient(core: HostCore, { input, output, close, onDrop, onShutdown }: Stream): Served {
  let isOpen = true;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    client.close();
    close();
  };
  const drop = (why: string): void => {
    if (isOpen) onDrop(why);
    end();
  };
  const send = (reply: HostReply): void => {
    if (!isOpen) return;
    output.write(`${JSON.stringify(reply)}\n`);
    if (output.writableLength > mostUnread) drop("does not read its replies");
  };
  const client = core.connect(pacedReplies(send));
  const receive = (line: string): void => {
    if (!isOpen || line.trim() === "") return;
    const request = readRequest(line, send);
    if (request === undefined) drop("sent what is no request");
    else if (request !== "answered") {
      if (request.type === "shutdown") onShutdown();
      else client.handle(request);
    }
  };
  const lines = new LineSplitter(receive, () => drop("sent a line without an end"));
  input.setEncoding("utf8").on("data", (text: string) => {
    if (isOpen) lines.push(text);
  });
  for (const stream of [input, output]) stream.on("error", end).on("close", end);
  input.on("end", end);
  return { beat: () => send({ type: "beat" }) };
}

/** The request in a line. One with a number that asks for what there is not is answered; undefined for anything else. */
function readRequest(line: string, send: (reply: HostReply) => void): HostRequest | "answered" | undefined {
  let value: unknown;
  try {
    value = parseUnknownJson(line, "host request");
    return checkValue(value, HostRequest, "host request", "INPUT_INVALID");
  } catch (error) {
    const request = requestNumber(value);
    if (!(error instanceof TrustError) || request === undefined) return undefined;
    send({ type: "failed", request, error: errorBody(error) });
    return "answered";
  }
}

function requestNumber(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || !("request" in value)) return undefined;
  const { request } = value;
  return typeof request === "number" && Number.isInteger(request) && request >= 0 ? request : undefined;
}

class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #onOverflow: () => void;
  #pending: string[] = [];
  #length = 0;

  constructor(onLine: (line: string) => void, onOverflow: () => void) {
    this.#onLine = onLine;
    this.#onOverflow = onOverflow;
  }

  push(text: string): void {
    const [first = "", ...rest] = text.split("\n");
    this.#keep(first);
    for (const piece of rest) {
      const line = this.#pending.join("");
      this.#pending = [];
      this.#length = 0;
      this.#onLine(line);
      this.#keep(piece);
    }
  }

  #keep(piece: string): void {
    this.#length += piece.length;
    this.#pending.push(piece);
    if (this.#length <= longestLine) return;
    this.#pending = [];
    this.#onOverflow();
  }
}
