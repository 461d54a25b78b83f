import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";

import { afterAll, beforeAll, describe } from "vitest";

import { createOpenAiModel } from "../../../src/models/openai/index.ts";
import { hasRealOllama, type RealOllama, realOllama } from "../../../src/testing/index.ts";
import { describeModelPort, type ModelScenario } from "../../../src/testing/model-port-suite.ts";
import { chunked } from "../llama/llama-bench.ts";

const isMissing = !hasRealOllama();
if (isMissing) process.stderr.write("SKIPPED: there is no Ollama. Run: npm run interop:setup\n");

let ollama: RealOllama;
beforeAll(async () => {
  if (!isMissing) ollama = await realOllama();
});
afterAll(() => (isMissing ? undefined : ollama[Symbol.asyncDispose]()));

const written = ({ name, args }: { name: string; args: unknown }): string =>
  `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(args)}}\n</tool_call>`;

const made = new Set<string>();

async function scripted({ text = "", calls = [], slow = false }: ModelScenario): Promise<string> {
  const first = [...chunked(text), ...calls.flatMap((call) => chunked(written(call)))];
  const name = `v-${createHash("sha256").update(JSON.stringify({ first, slow })).digest("hex").slice(0, 12)}`;
  if (!made.has(name)) await ollama.create(name, { replies: { first }, loop: slow, tools: true });
  made.add(name);
  return `${name}:latest`;
}

/** The same server for clients that find no chat completions there. */
async function withoutChat(url: string): Promise<AsyncDisposable & { url: string }> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url: path = "" } = request;
    const sent = await readText(request);
    const isGone = path.endsWith("/chat/completions");
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const init = { method, signal: gone.signal, ...(sent === "" ? {} : { body: sent }) };
    const passed = isGone ? new Response("404 page not found", { status: 404 }) : await fetch(`${url}${path}`, init);
    response.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "text/plain" });
    try {
      for await (const part of passed.body ?? []) response.write(part);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    }
    response.end();
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.each(["chat", "responses"] as const)("a real server over its API %s", (api) => {
  describeModelPort("OpenAI-compatible", async (scenario) => {
    // This one passes over a tool choice, and cuts long prompts in silence.
    const isBeyondIt = scenario.fails === true || scenario.obeys === true || scenario.contextSize !== undefined;
    if (isMissing || isBeyondIt) return undefined;
    const model = await scripted(scenario);
    const proxy = api === "chat" ? undefined : await withoutChat(ollama.url);
    const port = createOpenAiModel({ baseUrl: proxy?.url ?? ollama.url, model, offline: true, allowRemote: false });
    const dispose = async (): Promise<void> => {
      await port[Symbol.asyncDispose]();
      await proxy?.[Symbol.asyncDispose]();
    };
    return { port, dispose };
  });
});
