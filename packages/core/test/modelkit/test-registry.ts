import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What goes wrong with one answer. `after` counts bytes of its body. */
export type Fault =
  | { kind: "cut"; after: number }
  | { kind: "stall"; after: number }
  | { kind: "ends-early"; after: number }
  | { kind: "other-bytes" }
  | { kind: "ignores-range" }
  | { kind: "other-range" }
  | { kind: "status"; status: number; headers?: Record<string, string | string[]> }
  | { kind: "redirect"; to: string };

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
}

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, Buffer>;
  readonly requests: SeenRequest[];
  /** Asked for every request; what it gives happens to the answer. */
  fault: (request: SeenRequest) => Fault | undefined;
  /** Who may come in; a token service is at `/token`. */
  auth: { kind: "none" } | { kind: "basic" | "bearer"; user: string; password: string };
}

/** A small registry with OCI's distribution API that can misbehave in every way a network does. */
export async function startRegistry(): Promise<TestRegistry> {
  const uploads = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    answer(registry, uploads, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const host = await listen(server);
  const registry: TestRegistry = {
    host,
    blobs: new Map(),
    manifests: new Map(),
    requests: [],
    fault: () => undefined,
    auth: { kind: "none" },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return registry;
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
    });
  });
}

export const sha256 = (bytes: Buffer | string): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function answer(
  registry: TestRegistry,
  uploads: Map<string, Buffer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://registry");
  const seen = { method: request.method ?? "", path: url.pathname, headers: request.headers };
  registry.requests.push(seen);
  if (url.pathname === "/token") return sendToken(registry, request, response);
  if (!isAllowed(registry, request)) {
    const { kind } = registry.auth;
    const realm = `Bearer realm="http://${registry.host}/token",service="test",scope="repository:x:pull"`;
    response.writeHead(401, { "www-authenticate": kind === "basic" ? 'Basic realm="test"' : realm }).end();
    return;
  }
  const fault = registry.fault(seen);
  if (fault?.kind === "status") {
    request.resume();
    response.writeHead(fault.status, fault.headers).end('{"errors":[{"code":"BROKEN","message":"as asked"}]}');
  } else if (fault?.kind === "redirect") response.writeHead(307, { location: fault.to + url.pathname }).end();
  else await route(registry, uploads, { request, response, url, fault });
}

async function route(registry: TestRegistry, uploads: Map<string, Buffer>, exchange: Exchange): Promise<void> {
  const { request, response, url, fault } = exchange;
  const [, digest] = /\/blobs\/(sha256:[0-9a-f]+)$/.exec(url.pathname) ?? [];
  const [, name] = /\/manifests\/(.+)$/.exec(url.pathname) ?? [];
  if (url.pathname.includes("/blobs/uploads/")) await upload(registry, uploads, exchange);
  else if (digest !== undefined) sendBlob(registry.blobs.get(digest), request, response, fault);
  else if (name !== undefined) await manifest(registry, name, request, response);
  else response.writeHead(404).end();
}

function sendToken({ auth }: TestRegistry, request: IncomingMessage, response: ServerResponse): void {
  if (auth.kind !== "bearer" || request.headers.authorization !== basic(auth)) response.writeHead(401).end();
  else response.writeHead(200).end('{"token":"the-token"}');
}

const basic = ({ user, password }: { user: string; password: string }): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

function isAllowed({ auth }: TestRegistry, { headers }: IncomingMessage): boolean {
  if (auth.kind === "none") return true;
  return headers.authorization === (auth.kind === "basic" ? basic(auth) : "Bearer the-token");
}

function sendBlob(
  blob: Buffer | undefined,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  if (blob === undefined) {
    response.writeHead(404).end();
    return;
  }
  const start = startOf(headers.range, fault);
  const body = fault?.kind === "other-bytes" ? Buffer.alloc(blob.length, "x") : blob.subarray(start);
  const range = start > 0 ? { "content-range": `bytes ${start}-${blob.length - 1}/${blob.length}` } : {};
  const length = fault?.kind === "ends-early" ? {} : { "content-length": body.length };
  response.writeHead(start > 0 ? 206 : 200, { ...length, ...range });
  if (method === "HEAD") response.end();
  else sendBody(body, response, fault);
}

function startOf(range: string | undefined, fault: Fault | undefined): number {
  if (fault?.kind === "ignores-range") return 0;
  const asked = Number(/^bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
  return fault?.kind === "other-range" ? asked - 1000 : asked;
}

function sendBody(body: Buffer, response: ServerResponse, fault: Fault | undefined): void {
  if (fault?.kind === "cut") {
    response.write(body.subarray(0, fault.after), () => setTimeout(() => response.destroy(), 20));
  } else if (fault?.kind === "stall") response.write(body.subarray(0, fault.after));
  else if (fault?.kind === "ends-early") response.end(body.subarray(0, fault.after));
  else response.end(body);
}

async function manifest(
  { manifests }: TestRegistry,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "PUT") {
    const bytes = await readAll(request);
    manifests.set(name, bytes);
    manifests.set(sha256(bytes), bytes);
    response.writeHead(201, { "docker-content-digest": sha256(bytes) }).end();
    return;
  }
  const bytes = manifests.get(name);
  const accepts = request.headers.accept?.includes("application/vnd.oci.image.manifest.v1+json") === true;
  if (bytes === undefined || !accepts) response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
  else response.writeHead(200, { "docker-content-digest": sha256(bytes) }).end(bytes);
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  fault: Fault | undefined;
}

async function upload(
  { blobs }: TestRegistry,
  uploads: Map<string, Buffer>,
  { request, response, url, fault }: Exchange,
): Promise<void> {
  const { pathname } = url;
  const id = pathname.split("/").at(-1) ?? "";
  if (request.method === "POST") {
    beginUpload(blobs, uploads, { request, response, url, fault });
    return;
  }
  const before = uploads.get(id) ?? Buffer.alloc(0);
  if (request.method === "GET") {
    response.writeHead(204, { location: `${pathname}?_state=asked`, range: `0-${before.length - 1}` }).end();
    return;
  }
  const sent = await readAll(request, fault?.kind === "cut" ? fault.after : undefined);
  const now = Buffer.concat([before, sent]);
  uploads.set(id, now);
  if (fault?.kind === "cut") response.destroy();
  else if (request.method === "PATCH") {
    response.writeHead(202, { location: `${pathname}?_state=${now.length}`, range: `0-${now.length - 1}` }).end();
  } else if (sha256(now) !== url.searchParams.get("digest")) {
    response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID","message":"other bytes"}]}');
  } else {
    blobs.set(sha256(now), now);
    response.writeHead(201).end();
  }
}

function beginUpload(
  blobs: Map<string, Buffer>,
  uploads: Map<string, Buffer>,
  { request, response, url }: Exchange,
): void {
  request.resume();
  const mount = url.searchParams.get("mount");
  if (mount !== null && blobs.has(mount)) {
    response.writeHead(201).end();
    return;
  }
  const fresh = String(uploads.size + 1);
  uploads.set(fresh, Buffer.alloc(0));
  response.writeHead(202, { location: `${url.pathname}${fresh}?_state=begun` }).end();
}

async function readAll(request: IncomingMessage, most = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, Math.max(0, most - size));
    chunks.push(part);
    size += part.length;
    if (size >= most) break;
  }
  return Buffer.concat(chunks);
}
