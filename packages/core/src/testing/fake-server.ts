import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";

import { parseUnknownJson } from "../protocol/json.ts";
import type { ParsedEvent } from "../protocol/model-events.ts";
import { playScript, type ScriptReply } from "./script.ts";

export interface FakeRequest {
  method: string;
  path: string;
  authorization: string | undefined;
  body: unknown;
}

/** A real HTTP server on a free port of this machine that keeps what it was asked. */
export interface FakeServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly requests: readonly FakeRequest[];
}

export type AnswerRequest = (request: FakeRequest, response: ServerResponse) => void | Promise<void>;

export async function startFakeServer(answer: AnswerRequest): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  const server = createServer((request, response) => {
    void readRequest(request).then((read) => {
      requests.push(read);
      return answer(read, response);
    });
  });
  const port = await listen(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<FakeRequest> {
  const { method = "", url: path = "", headers } = request;
  const sent = await readText(request);
  const body = sent === "" ? undefined : parseUnknownJson(sent, "the request");
  return { method, path, authorization: headers.authorization, body };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("the fake server has no port"));
    });
  });
}

/** Plays replies in turn, beginning again after the last. */
export class ServerScript {
  readonly #replies: readonly ScriptReply[];
  #next = 0;
  #calls = 0;

  constructor(replies: readonly ScriptReply[]) {
    this.#replies = replies;
  }

  /** `instead`: what the request itself makes the model write, whatever the script says. */
  play(signal: AbortSignal, instead?: ScriptReply): AsyncIterable<ParsedEvent> {
    const reply = instead ?? this.#replies[this.#next++ % this.#replies.length];
    if (reply === undefined) throw new Error("the fake server has no replies");
    return playScript(reply, () => `call_${++this.#calls}`, signal);
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

const bytesPerToken = 4;

/** The tokens of a prompt as a fake server counts them. */
export const fakeTokens = (...parts: readonly unknown[]): number =>
  Math.ceil(Buffer.byteLength(JSON.stringify(parts)) / bytesPerToken);

/** Writes text in pieces of this many bytes, however characters and lines are cut. */
export async function write(response: ServerResponse, text: string, pieceBytes: number | undefined): Promise<void> {
  const bytes = Buffer.from(text);
  const size = pieceBytes ?? bytes.length;
  for (let start = 0; start < bytes.length; start += size) {
    if (response.destroyed) return;
    await new Promise((resolve) => response.write(bytes.subarray(start, start + size), resolve));
    // Lets the other side read this piece before the next joins it.
    if (pieceBytes !== undefined) await setImmediate();
  }
}
