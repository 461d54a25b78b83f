import { createServer, type Server } from "node:http";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { blockRemoteConnections } from "../../src/privacy/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";

/** RFC 5737: an address that no one has, so that nothing is sent even if the block fails. */
const remote = "192.0.2.1";

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((_, response) => response.end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  blockRemoteConnections();
  blockRemoteConnections();
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** "connected", or the code of what went wrong. */
function outcome(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    socket
      .on("connect", () => resolve("connected"))
      .on("error", (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
  }).finally(() => socket.destroy()) as Promise<string>;
}

describe("offline", () => {
  test.each([
    ["options", () => net.connect({ host: remote, port: 9 })],
    ["port and host", () => net.connect(9, remote)],
    ["a socket made first", () => new net.Socket().connect(9, remote)],
    ["a name, before it is looked up", () => net.connect(9, "example.invalid")],
    ["an address in the network's own range", () => net.connect(9, "10.0.0.1")],
    ["a name that only begins like loopback", () => net.connect(9, "127.0.0.1.example.invalid")],
  ])("blocks a connection by %s", async (_, connect) => {
    expect(await outcome(connect())).toBe("OFFLINE");
  });

  test("blocks fetch", async () => {
    const error: unknown = await fetch(`http://${remote}/`).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ cause: { code: "OFFLINE" } });
  });

  test("lets this machine's own servers be reached, by each form of name", async () => {
    expect(await outcome(net.connect(port, "127.0.0.1"))).toBe("connected");
    expect(await outcome(net.connect(port))).toBe("connected");
    expect(await outcome(net.connect({ port, host: "localhost" }))).toBe("connected");
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello");
  });

  test.skipIf(process.platform === "win32")("lets local sockets be reached", async () => {
    await using folder = await temporaryWorkspace();
    const path = join(folder.path, "socket");
    const local = net.createServer();
    await new Promise<void>((resolve) => local.listen(path, resolve));
    expect(await outcome(net.connect(path))).toBe("connected");
    expect(await outcome(net.connect({ path }))).toBe("connected");
    await new Promise((resolve) => local.close(resolve));
  });
});
