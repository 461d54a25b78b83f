import type { ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";

import type { ParsedEvent } from "../protocol/model-events.ts";
import { type FakeRequest, sendJson, ServerScript, startFakeServer, write } from "./fake-server.ts";
import { ScriptFailure, type ScriptReply } from "./script.ts";

export interface FakeServerOptions {
  /** Listed by GET /v1/models. */
  models?: readonly Record<string, unknown>[];
  /** Answer POST /tokenize as llama-server does. */
  canTokenize?: boolean;
  /** Leave out the usage at the end, as some servers do. */
  hidesUsage?: boolean;
  /** Send the stream in pieces of this many bytes, however characters and lines are cut. */
  pieceBytes?: number;
  /** Wait as long before every answer. */
  delayMilliseconds?: number;
  /** Answers chat requests instead of the script. */
  answer?: (response: ServerResponse, body: unknown) => void;
}

export interface FakeOpenAiServer extends AsyncDisposable {
  /** The base URL, ending with `/v1`. */
  readonly url: string;
  readonly requests: readonly FakeRequest[];
}

/**
 * A real HTTP server on a free port of this machine that speaks the OpenAI chat API, and gives these replies
 * in turn, beginning again after the last.
 */
export async function fakeOpenAiServer(
  replies: readonly ScriptReply[],
  options: FakeServerOptions = {},
): Promise<FakeOpenAiServer> {
  const script = new ServerScript(replies);
  const server = await startFakeServer((request, response) => answerRequest(request, response, { options, script }));
  return {
    url: `${server.origin}/v1`,
    requests: server.requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

interface ServerState {
  options: FakeServerOptions;
  script: ServerScript;
}

async function answerRequest(
  { method, path, body }: FakeRequest,
  response: ServerResponse,
  { options, script }: ServerState,
): Promise<void> {
  const route = `${method} ${path}`;
  await setTimeout(options.delayMilliseconds ?? 0);
  if (route === "GET /v1/models") sendJson(response, { data: options.models ?? [{ id: "fake" }] });
  else if (route === "POST /tokenize" && options.canTokenize === true) sendJson(response, tokenize(body));
  else if (route !== "POST /v1/chat/completions") sendJson(response, { error: { message: "not found" } }, 404);
  else if (options.answer !== undefined) options.answer(response, body);
  else await streamReply(response, options, script);
}

/** A token a word: enough to be told apart from an estimate. */
function tokenize(body: unknown): { tokens: number[] } {
  const content = typeof body === "object" && body !== null && "content" in body ? String(body.content) : "";
  return { tokens: content.split(/\s+/).map((_, index) => index) };
}

async function streamReply(response: ServerResponse, options: FakeServerOptions, script: ServerScript): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (value: unknown): Promise<void> =>
    write(response, `data: ${JSON.stringify(value)}\n\n`, options.pieceBytes);
  let calls = 0;
  let events = 0;
  try {
    for await (const event of script.play(gone.signal)) {
      events++;
      const delta = chunkDelta(event, calls);
      if (event.type === "call-end") calls++;
      if (delta !== undefined) await send({ choices: [{ index: 0, delta, finish_reason: null }] });
    }
  } catch (error) {
    if (!(error instanceof ScriptFailure)) throw error;
    await send({ error: { message: error.message } });
    response.end();
    return;
  }
  await send({ choices: [{ index: 0, delta: {}, finish_reason: calls > 0 ? "tool_calls" : "stop" }] });
  if (options.hidesUsage !== true) await send({ choices: [], usage: { prompt_tokens: 42, completion_tokens: events } });
  await write(response, "data: [DONE]\n\n", options.pieceBytes);
  response.end();
}

function chunkDelta(event: ParsedEvent, index: number): Record<string, unknown> | undefined {
  switch (event.type) {
    case "text-delta":
      return { content: event.delta };
    case "thought-delta":
      return { reasoning_content: event.delta };
    case "call-start":
      return { tool_calls: [{ index, id: event.id, type: "function", function: { name: event.name, arguments: "" } }] };
    case "call-delta":
      return { tool_calls: [{ index, function: { arguments: event.delta } }] };
    default:
      return undefined;
  }
}
