import type { ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";

import * as z from "zod";

import { chatForm, responsesForm, type ThoughtPlace, type WireForm } from "./fake-openai-wire.ts";
import { type FakeRequest, fakeTokens, sendJson, ServerScript, startFakeServer, write } from "./fake-server.ts";
import { schemaInstance } from "./schema-instance.ts";
import { callTool, say, ScriptFailure, type ScriptReply } from "./script.ts";

export interface FakeServerOptions {
  /** Listed by GET /v1/models. */
  models?: readonly Record<string, unknown>[];
  /** Default: chat completions alone. */
  apis?: readonly ("chat" | "responses")[];
  /** Answer POST /tokenize as llama-server does. */
  canTokenize?: boolean;
  /** What GET /props answers, as llama-server does. */
  properties?: Record<string, unknown>;
  /** Leave out the usage at the end, as some servers do. */
  hidesUsage?: boolean;
  /** Where thoughts go. Default: `reasoning_content`. */
  thoughts?: ThoughtPlace;
  /** In tokens: longer prompts are refused in llama-server's words. */
  contextSize?: number;
  /** Why a request is refused with status 400; undefined when it is not. */
  refuses?: (body: Record<string, unknown>) => string | undefined;
  /** Take a tool choice for `auto`, as some servers do in silence. */
  ignoresToolChoice?: boolean;
  /** Send the stream in pieces of this many bytes, however characters and lines are cut. */
  pieceBytes?: number;
  /** Wait as long before every answer. */
  delayMilliseconds?: number;
  /** Answers requests for a reply instead of the script. */
  answer?: (response: ServerResponse, body: unknown) => void;
}

export interface FakeOpenAiServer extends AsyncDisposable {
  /** The base URL, ending with `/v1`. */
  readonly url: string;
  readonly requests: readonly FakeRequest[];
}

/**
 * A real HTTP server on a free port of this machine that speaks the OpenAI APIs, and gives these replies in turn,
 * beginning again after the last. What a request forces (a call, a schema) it writes instead.
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
  const { apis = ["chat"], canTokenize, properties, models = [{ id: "fake" }], thoughts } = options;
  await setTimeout(options.delayMilliseconds ?? 0);
  const routes: Record<string, (() => void | Promise<void>) | false> = {
    "GET /v1/models": () => sendJson(response, { data: models }),
    "POST /tokenize": canTokenize === true && (() => sendJson(response, tokenize(body))),
    "GET /props": properties !== undefined && (() => sendJson(response, properties)),
    "POST /v1/chat/completions":
      apis.includes("chat") && (() => reply(response, body, { options, script, form: chatForm(thoughts) })),
    "POST /v1/responses":
      apis.includes("responses") && (() => reply(response, body, { options, script, form: responsesForm() })),
  };
  const answer = routes[`${method} ${path}`] || (() => sendJson(response, { error: { message: "not found" } }, 404));
  await answer();
}

/** A token a word: enough to be told apart from an estimate. */
function tokenize(body: unknown): { tokens: number[] } {
  const content = typeof body === "object" && body !== null && "content" in body ? String(body.content) : "";
  return { tokens: content.split(/\s+/).map((_, index) => index) };
}

const Schema = z.looseObject({});
const Named = z.object({ name: z.string(), parameters: Schema.optional() });
/** The two APIs differ by one level in several places. */
const Asked = z.looseObject({
  tools: z.array(z.union([z.object({ function: Named }).transform((tool) => tool.function), Named])).default([]),
  tool_choice: z.string().default("auto"),
  response_format: z
    .object({ json_schema: z.object({ schema: Schema }) })
    .optional()
    .catch(undefined),
  text: z
    .object({ format: z.object({ schema: Schema }) })
    .optional()
    .catch(undefined),
});
type Asked = z.infer<typeof Asked>;

async function reply(
  response: ServerResponse,
  body: unknown,
  { options, script, form }: ServerState & { form: WireForm },
): Promise<void> {
  const asked = Asked.parse(body);
  const { contextSize = Number.POSITIVE_INFINITY } = options;
  const refused = options.refuses?.(body as Record<string, unknown>);
  if (refused !== undefined)
    return sendJson(response, { error: { message: refused, type: "invalid_request_error" } }, 400);
  const tokens = fakeTokens(asked["messages"], asked["input"], asked.tools);
  if (tokens > contextSize) return sendJson(response, tooLong(tokens, contextSize), 400);
  if (options.answer !== undefined) return options.answer(response, body);
  const chosen = options.ignoresToolChoice === true ? { ...asked, tool_choice: "auto" } : asked;
  await stream(response, forcedReply(chosen), { options, script, form });
}

const tooLong = (tokens: number, contextSize: number): unknown => ({
  error: {
    code: 400,
    message: `request (${tokens} tokens) exceeds the available context size (${contextSize} tokens), try increasing it`,
    type: "exceed_context_size_error",
  },
});

/** What the request leaves the model no choice about. */
function forcedReply({ tools, tool_choice: choice, response_format: format, text }: Asked): ScriptReply | undefined {
  const [wanted] = tools;
  if (choice === "required" && wanted !== undefined) {
    return callTool(wanted.name, schemaInstance(wanted.parameters ?? {}) as Record<string, unknown>);
  }
  const schema = format?.json_schema.schema ?? text?.format.schema;
  return schema === undefined ? undefined : say(JSON.stringify(schemaInstance(schema)));
}

async function stream(
  response: ServerResponse,
  forced: ScriptReply | undefined,
  { options, script, form }: ServerState & { form: WireForm },
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = async (values: readonly unknown[]): Promise<void> => {
    for (const value of values) {
      const data = typeof value === "string" ? value : JSON.stringify(value);
      await write(response, `data: ${data}\n\n`, options.pieceBytes);
    }
  };
  let events = 0;
  try {
    for await (const event of script.play(gone.signal, forced)) {
      events++;
      await send(form.event(event));
    }
  } catch (error) {
    if (!(error instanceof ScriptFailure)) throw error;
    await send([form.failed(error.message)]);
    response.end();
    return;
  }
  await send(form.end(options.hidesUsage === true ? undefined : { prompt: 42, output: events }));
  response.end();
}
