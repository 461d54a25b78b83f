import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type KitStore, type Network, pullKit, pushKit, verifyKit } from "../../src/modelkit/index.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";
import { startRegistry, type TestRegistry } from "./test-registry.ts";

const signIn = { user: "ada", password: "secret" };
const secret = Buffer.from(`${signIn.user}:${signIn.password}`).toString("base64");

let place: Scratch;
let registry: TestRegistry;
let source: KitStore;
let network: Network;
beforeEach(async () => {
  place = await scratch();
  registry = await startRegistry();
  source = await place.store("source");
  const file = join(place.path, "config.json");
  await writeFile(file, JSON.stringify({ auths: { [registry.host]: { auth: secret } } }));
  network = {
    credentialFiles: [file],
    plainHttp: false,
    offline: false,
    stallMilliseconds: 200,
    backoffMilliseconds: 5,
  };
  await pack(source, await place.folder("tree", smallKit), "kit:1");
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const push = (): Promise<unknown> =>
  pushKit({ store: source, source: "kit:1", target: `${registry.host}/team/kit:1`, network, signal: never });
const pull = async (): Promise<unknown> => {
  const reference = `${registry.host}/team/kit:1`;
  return pullKit({ store: await place.store("target"), reference, network, signal: never });
};

interface Thief extends AsyncDisposable {
  origin: string;
  seen: IncomingMessage["headers"][];
}

/** Another host, that notes what it is sent. */
async function startThief(listener: RequestListener): Promise<Thief> {
  const seen: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    request.resume();
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { origin, seen, [Symbol.asyncDispose]: close };
}

/** Asks everyone to sign in at its own token service, which takes what it is given. */
const asksForPasswords = (): Promise<Thief> =>
  startThief((request, response) => {
    if (request.url?.startsWith("/steal") === true) response.writeHead(200).end('{"token":"stolen"}');
    else {
      const realm = `http://${request.headers.host}/steal`;
      response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end();
    }
  });

describe("credentials stay with the registry", () => {
  test.each(["basic", "bearer"] as const)("when a redirect leads to a host that asks for them (%s)", async (kind) => {
    await push();
    await using thief = await asksForPasswords();
    registry.auth = { kind, ...signIn };
    registry.fault = ({ path }) => (path.includes("/blobs/") ? { kind: "redirect", to: thief.origin } : undefined);
    await expect(pull()).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
    expect(thief.seen.length).toBeGreaterThan(0);
    expect(thief.seen.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    expect(registry.requests.filter(({ headers }) => headers.authorization?.includes("stolen") === true)).toEqual([]);
  });

  test("when an upload goes on at a host that asks for them", async () => {
    await using thief = await asksForPasswords();
    registry.fault = ({ method }) =>
      method === "POST" ? { kind: "status", status: 202, headers: { location: `${thief.origin}/upload` } } : undefined;
    await expect(push()).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
    expect(thief.seen.length).toBeGreaterThan(0);
    expect(thief.seen.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });
});

describe("a registry that answers oddly", () => {
  test("is signed in to by the first way of several that is known", async () => {
    await push();
    let asked = false;
    registry.fault = ({ headers }) => {
      if (headers.authorization !== undefined) return undefined;
      asked = true;
      return { kind: "status", status: 401, headers: { "www-authenticate": ["Negotiate", 'Basic realm="x"'] } };
    };
    await pull();
    expect(asked).toBe(true);
    expect(existsSync(join(place.path, "target", "index.json"))).toBe(true);
    await verifyKit({ store: await place.store("target"), reference: `${registry.host}/team/kit:1`, signal: never });
  });

  test.each([
    ["an upload address", "POST", 202],
    ["a redirect", "GET", 307],
  ])("is said to when %s is no address", async (_what, method, status) => {
    if (method === "GET") await push();
    registry.fault = (request) =>
      request.method === method ? { kind: "status", status, headers: { location: "http://[" } } : undefined;
    await expect(method === "GET" ? pull() : push()).rejects.toMatchObject({ code: "REGISTRY_FAILED" });
  });

  test("is said to when its token service is no address", async () => {
    await push();
    registry.fault = () => ({
      kind: "status",
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="http://["' },
    });
    await expect(pull()).rejects.toMatchObject({ code: "REGISTRY_FAILED" });
  });

  test("leads to no file of this machine", async () => {
    await push();
    registry.fault = ({ method }) =>
      method === "GET" ? { kind: "status", status: 307, headers: { location: "file:///etc/passwd" } } : undefined;
    await expect(pull()).rejects.toMatchObject({
      code: "REFUSED",
      message: expect.stringContaining("file:") as string,
    });
  });

  test("cannot forge lines of our output", async () => {
    await using liar = await startThief((_request, response) => {
      const message = "no\n\u001b[2K\rPulled team/kit:1 \u202egnp";
      response.writeHead(418).end(JSON.stringify({ errors: [{ code: "DENIED", message }] }));
    });
    const reference = `${new URL(liar.origin).host}/team/kit:1`;
    const pulling = pullKit({ store: source, reference, network, signal: never });
    await expect(pulling).rejects.toMatchObject({
      message: expect.stringContaining("(DENIED: no [2K Pulled team/kit:1 gnp)") as string,
    });
  });
});
