import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { expect, test } from "vitest";

import { resolveEndpoint } from "../../../src/models/server/endpoint.ts";
import { ServerConnection } from "../../../src/models/server/server-connection.ts";

interface Listening extends AsyncDisposable {
  server: Server;
  url: URL;
}

async function serverThat(answer: (response: ServerResponse) => void): Promise<Listening> {
  const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    server,
    url: new URL(`http://127.0.0.1:${port}/v1/x`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const connectionTo = (url: URL): ServerConnection =>
  new ServerConnection(resolveEndpoint(url.origin, { offline: true, allowRemote: false }), {
    apiKey: undefined,
    silenceSeconds: 60,
    checkSeconds: 0.02,
  });

const never = (): AbortSignal => new AbortController().signal;

test("a server that is silent and takes no connections any more is given up long before its time", async () => {
  await using listening = await serverThat((response) => {
    response.write("beginning");
    listening.server.close();
  });
  await using connection = connectionTo(listening.url);
  const parts = connection.parts({ method: "GET", url: listening.url }, never());
  expect(await parts.next()).toEqual({ value: "beginning", done: false });
  await expect(parts.next()).rejects.toMatchObject({
    code: "MODEL_UNREACHABLE",
    message: expect.stringContaining("is gone in the middle of its answer") as unknown,
  });
});

test("a server that is silent and still there is waited for", async () => {
  let checks = 0;
  await using listening = await serverThat((response) => {
    // Each check is one more connection.
    listening.server.on("connection", () => {
      if (++checks === 3) response.end("at last");
    });
  });
  await using connection = connectionTo(listening.url);
  const parts = await Array.fromAsync(connection.parts({ method: "GET", url: listening.url }, never()));
  expect(parts.join("")).toBe("at last");
});
