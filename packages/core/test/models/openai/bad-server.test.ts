import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { expect, test } from "vitest";

import { createOpenAiModel } from "../../../src/models/openai/index.ts";
import type { ModelRequest } from "../../../src/ports/model.ts";
import { fakeOpenAiServer, say } from "../../../src/testing/index.ts";

interface BadServer extends AsyncDisposable {
  url: string;
}

/** A server that answers each request, whatever it is, with this. */
async function badServer(answer: (response: ServerResponse) => void): Promise<BadServer> {
  const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes a text again and again, as fast as the reader takes it. */
function writeForever(response: ServerResponse, text: string): void {
  const go = (): void => {
    while (!response.destroyed && response.write(text));
    response.once("drain", go);
  };
  response.writeHead(200);
  go();
}

const breakOff = (response: ServerResponse): void => {
  response.writeHead(200);
  response.write("{", () => response.destroy());
};

const never = (): AbortSignal => new AbortController().signal;
const request: ModelRequest = {
  messages: [{ role: "user", text: "Go on." }],
  tools: [],
  toolChoice: "auto",
  maxTokens: 64,
  sampling: {},
};
const open = ({ url }: BadServer, silenceSeconds = 300) =>
  createOpenAiModel({ baseUrl: `http://${url}`, model: "m", offline: true, allowRemote: false, silenceSeconds });

async function finishFrom(server: BadServer) {
  await using model = open(server);
  let last;
  for await (const event of model.stream(request, never())) last = event;
  return last;
}

const failed = (server: BadServer, words: string, code = "MODEL_FAILED") => ({
  code,
  message: expect.stringMatching(new RegExp(`${server.url}.*${words}`)) as unknown,
});

test("a list of models without an end is given up", async () => {
  await using server = await badServer((response) => writeForever(response, "x".repeat(65_536)));
  await using model = open(server);
  await expect(model.describe(never())).rejects.toMatchObject(failed(server, "without an end"));
});

test("an event without an end is given up", async () => {
  await using server = await badServer((response) => writeForever(response, "x".repeat(65_536)));
  expect(await finishFrom(server)).toMatchObject({ reason: "error", error: failed(server, "without an end") });
});

test("a reply without an end is given up", { timeout: 30_000 }, async () => {
  const chunk = { choices: [{ delta: { content: "x".repeat(1 << 20) } }] };
  await using server = await badServer((response) => writeForever(response, `data: ${JSON.stringify(chunk)}\n\n`));
  expect(await finishFrom(server)).toMatchObject({ reason: "error", error: failed(server, "without an end") });
});

test("a server that accepts connections but never answers is given up within seconds", async () => {
  await using server = await badServer(() => undefined);
  await using model = open(server, 0.2);
  await expect(model.describe(never())).rejects.toMatchObject({
    code: "MODEL_UNREACHABLE",
    message: expect.stringContaining(`${server.url} accepts connections`) as unknown,
    hint: expect.stringContaining("-m") as unknown,
  });
});

test("a list of models that trickles without an end is given up within seconds", async () => {
  await using server = await badServer((response) => {
    const timer = setInterval(() => response.write(" "), 20);
    response.once("close", () => clearInterval(timer));
  });
  await using model = open(server, 0.2);
  await expect(model.describe(never())).rejects.toMatchObject({ code: "MODEL_UNREACHABLE" });
});

test("a list of models that breaks off says which server did it", async () => {
  await using server = await badServer(breakOff);
  await using model = open(server);
  await expect(model.describe(never())).rejects.toMatchObject(failed(server, "broke off", "MODEL_LOST"));
});

test("a server that closes the connection without an answer is named in words", async () => {
  await using server = await badServer((response) => response.destroy());
  await using model = open(server);
  await expect(model.describe(never())).rejects.toMatchObject({
    code: "MODEL_UNREACHABLE",
    message: `no model server answers at ${server.url}: the connection was closed`,
  });
});

test.each<[string, (response: ServerResponse) => void]>([
  ["breaks off", breakOff],
  ["is closed without an answer", (response) => response.destroy()],
  ["never comes", () => undefined],
])("a token count that %s is estimated", async (_, answer) => {
  await using good = await fakeOpenAiServer([say("ok")]);
  await using estimating = createOpenAiModel({ baseUrl: good.url, offline: true, allowRemote: false });
  await using server = await badServer(answer);
  await using model = open(server, 0.2);
  expect(await model.countTokens(request, never())).toBe(await estimating.countTokens(request, never()));
});
