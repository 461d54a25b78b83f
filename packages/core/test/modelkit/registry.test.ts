import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  type KitStore,
  type Network,
  parseReference,
  pullKit,
  type PulledKit,
  type PushedKit,
  pushKit,
  verifyKit,
} from "../../src/modelkit/index.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";
import { type Fault, type SeenRequest, startRegistry, type TestRegistry } from "./test-registry.ts";

const network: Network = {
  credentialFiles: [],
  plainHttp: false,
  offline: false,
  stallMilliseconds: 200,
  backoffMilliseconds: 5,
};
const weights = randomBytes(3_000_000);

let place: Scratch;
let registry: TestRegistry;
let source: KitStore;
beforeEach(async () => {
  place = await scratch();
  registry = await startRegistry();
  source = await place.store("source");
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const push = async (target = "team/kit:1", options = {}): Promise<PushedKit> => {
  const folder = await place.folder("tree", { ...smallKit, "model.gguf": weights });
  await pack(source, folder, "kit:1");
  const reference = `${registry.host}/${target}`;
  return pushKit({ store: source, source: "kit:1", target: reference, network, signal: never, ...options });
};
const pull = async (store?: KitStore, overrides: Partial<Network> = {}): Promise<PulledKit> => {
  const reference = `${registry.host}/team/kit:1`;
  return pullKit({
    store: store ?? (await place.store("target")),
    reference,
    network: { ...network, ...overrides },
    signal: never,
  });
};
const isModel = ({ method, path }: SeenRequest): boolean =>
  method === "GET" && (registry.blobs.get(path.split("/").at(-1) ?? "")?.length ?? 0) > 1_000_000;
/** The first answers with the model go wrong. */
const onModel = (...faults: readonly Fault[]): void => {
  const left = [...faults];
  registry.fault = (request) => (isModel(request) ? left.shift() : undefined);
};
const modelRequests = (): SeenRequest[] => registry.requests.filter(isModel);
const expectWhole = async (): Promise<void> => {
  const reference = `${registry.host}/team/kit:1`;
  const { digest } = await verifyKit({ store: await place.store("target"), reference, signal: never });
  expect(digest).toBe((await source.read("kit:1")).descriptor.digest);
};
/** Not under a final name in the store. */
const modelIsMissing = async (): Promise<boolean> => {
  const { manifest } = await source.read("kit:1");
  const model = manifest.layers.find(({ size }) => size > 1_000_000);
  return !existsSync((await place.store("target")).blobPath(model?.digest ?? ""));
};

describe("push and pull", () => {
  test("bring a kit to a registry and to another machine", async () => {
    const pushed = await push();
    expect(pushed.blobs).toEqual({ sent: 3, mounted: 0, there: 0 });
    const pulled = await pull();
    expect(pulled).toMatchObject({ digest: pushed.digest, layers: 2 });
    await expectWhole();
  });

  test("send and fetch nothing that is there already", async () => {
    await push();
    expect((await push()).blobs).toEqual({ sent: 0, mounted: 0, there: 3 });
    await pull();
    const before = registry.requests.length;
    await pull();
    expect(registry.requests.slice(before).map(({ path }) => path)).toEqual(["/v2/team/kit/manifests/1"]);
  });

  test("mount blobs from the repository that the kit came from", async () => {
    await push();
    const store = await place.store("target");
    await pull(store);
    registry.fault = ({ method }) => (method === "HEAD" ? { kind: "status", status: 404 } : undefined);
    const target = `${registry.host}/team/copy:1`;
    const source = `${registry.host}/team/kit:1`;
    const { blobs } = await pushKit({ store, source, target, network, signal: never });
    expect(blobs).toEqual({ sent: 0, mounted: 3, there: 0 });
  });

  test("send large blobs in pieces, and go on after a break where the registry is", async () => {
    let cuts = 2;
    registry.fault = ({ method }) => (method === "PATCH" && cuts-- > 0 ? { kind: "cut", after: 300_000 } : undefined);
    const { blobs } = await push("team/kit:1", { pieceSize: 1_000_000 });
    expect(blobs.sent).toBe(3);
    registry.fault = () => undefined;
    await pull();
    await expectWhole();
  });

  test("say what the registry answers when pieces are refused again and again", async () => {
    registry.fault = ({ method }) => (method === "PATCH" ? { kind: "status", status: 503 } : undefined);
    const pushing = push("team/kit:1", { pieceSize: 1_000_000 });
    await expect(pushing).rejects.toMatchObject({
      code: "REGISTRY_FAILED",
      message: expect.stringContaining("503") as string,
    });
    expect(registry.manifests.size).toBe(0);
  });

  test("send a blob again whose upload broke", async () => {
    let cuts = 1;
    registry.fault = ({ method, path }) =>
      method === "PUT" && path.includes("uploads") && cuts-- > 0 ? { kind: "cut", after: 1000 } : undefined;
    await push();
    registry.fault = () => undefined;
    await pull();
    await expectWhole();
  });

  test("say that a name without a registry cannot be reached", async () => {
    const options = { store: source, reference: "team/kit:1", network, signal: never };
    await expect(pullKit(options)).rejects.toMatchObject({ code: "USAGE" });
  });

  test("report progress that never goes back, up to all", async () => {
    await push();
    onModel({ kind: "cut", after: 1_500_000 }, { kind: "ignores-range" });
    const seen: number[] = [];
    const reference = `${registry.host}/team/kit:1`;
    let total = 0;
    await pullKit({
      store: await place.store("target"),
      reference,
      network,
      signal: never,
      onProgress: (progress) => {
        seen.push(progress.done);
        total = progress.total;
      },
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(total);
  });
});

describe("a pull over a bad network", () => {
  test("goes on after a cut, and fetches only the rest", async () => {
    await push();
    onModel({ kind: "cut", after: 2_000_000 });
    await pull();
    const [, second] = modelRequests();
    expect(Number(/^bytes=(\d+)-$/.exec(String(second?.headers.range))?.[1])).toBeGreaterThan(1_000_000);
    await expectWhole();
  });

  test("begins anew when the registry ignores ranges", async () => {
    await push();
    onModel({ kind: "cut", after: 2_000_000 }, { kind: "ignores-range" });
    await pull();
    expect(modelRequests()).toHaveLength(2);
    await expectWhole();
  });

  test("begins anew when the registry sends another range than the one asked for", async () => {
    await push();
    onModel({ kind: "cut", after: 2_000_000 }, { kind: "other-range" });
    await pull();
    expect(modelRequests()).toHaveLength(3);
    await expectWhole();
  });

  test("takes silence for a break", async () => {
    await push();
    onModel({ kind: "stall", after: 500_000 });
    await pull();
    expect(modelRequests()).toHaveLength(2);
    await expectWhole();
  });

  test("names the stall when it does not end, and keeps what arrived", async () => {
    await push();
    registry.fault = (request) => (isModel(request) ? { kind: "stall", after: 0 } : undefined);
    await expect(pull()).rejects.toMatchObject({
      code: "REGISTRY_FAILED",
      message: expect.stringContaining("nothing came for 0.2 seconds") as string,
    });
    expect(await modelIsMissing()).toBe(true);
  });

  test("asks for the rest of an answer that ends early without an error", async () => {
    await push();
    onModel({ kind: "ends-early", after: 1_200_000 });
    await pull();
    await expectWhole();
  });

  test("gives up when the registry never has the rest", async () => {
    await push();
    registry.fault = (request) => (isModel(request) ? { kind: "ends-early", after: 0 } : undefined);
    await expect(pull()).rejects.toMatchObject({ code: "REGISTRY_FAILED" });
    expect(await modelIsMissing()).toBe(true);
  });

  test("refuses other bytes, and keeps nothing of them", async () => {
    await push();
    registry.fault = (request) => (isModel(request) ? { kind: "other-bytes" } : undefined);
    await expect(pull()).rejects.toMatchObject({ code: "KIT_CORRUPT" });
    expect(await modelIsMissing()).toBe(true);
    expect(await readdir(join(place.path, "target", "ingest"))).toEqual([]);
    registry.fault = () => undefined;
    await pull();
    await expectWhole();
  });

  test("begins anew when what an earlier one left is not the beginning of the blob", async () => {
    await push();
    const store = await place.store("target");
    await using work = await store.beginWork(never);
    const { manifest } = await source.read("kit:1");
    const model = manifest.layers.find(({ size }) => size > 1_000_000);
    await writeFile(work.partialPath(model?.digest ?? ""), randomBytes(700_000));
    await pull(store);
    expect(modelRequests().map(({ headers }) => headers.range)).toEqual(["bytes=700000-", undefined]);
    await expectWhole();
  });

  test("waits and tries again when the registry is busy", async () => {
    await push();
    onModel({ kind: "status", status: 429, headers: { "retry-after": "0" } }, { kind: "status", status: 503 });
    await pull();
    expect(modelRequests()).toHaveLength(3);
    await expectWhole();
  });

  test("tries a busy registry again for the manifest too, but not for ever", async () => {
    await push();
    registry.fault = ({ path }) => (path.includes("manifests") ? { kind: "status", status: 503 } : undefined);
    await expect(pull()).rejects.toMatchObject({
      code: "REGISTRY_FAILED",
      message: expect.stringContaining("503 (BROKEN: as asked)") as string,
    });
    expect(registry.requests.filter(({ method, path }) => method === "GET" && path.includes("manifests"))).toHaveLength(
      5,
    );
  });

  test("refuses a manifest that is not the one of its digest", async () => {
    await push();
    const { digest } = (await source.read("kit:1")).descriptor;
    registry.manifests.set(digest, registry.manifests.get("1")?.subarray(1) ?? Buffer.alloc(0));
    const reference = `${registry.host}/team/kit@${digest}`;
    await expect(pullKit({ store: source, reference, network, signal: never })).rejects.toMatchObject({
      code: "KIT_CORRUPT",
    });
  });

  test("refuses what is not a kit", async () => {
    const image =
      '{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:00","size":1},"layers":[]}';
    registry.manifests.set("1", Buffer.from(image));
    await expect(pull()).rejects.toMatchObject({ code: "KIT_MEDIA_TYPE" });
    expect(registry.requests).toHaveLength(1);
  });

  test("stops when it is told to, and goes on from there", async () => {
    await push();
    const stop = new AbortController();
    registry.fault = (request) => (isModel(request) ? { kind: "stall", after: 2_500_000 } : undefined);
    const reference = `${registry.host}/team/kit:1`;
    const options = {
      store: await place.store("target"),
      reference,
      network: { ...network, stallMilliseconds: 20_000 },
    };
    const pulling = pullKit({
      ...options,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done > 1_000_000) stop.abort();
      },
    });
    await expect(pulling).rejects.toMatchObject({ name: "AbortError" });
    registry.fault = () => undefined;
    await pull();
    expect(modelRequests().at(-1)?.headers.range).toMatch(/^bytes=\d{7}-$/);
    await expectWhole();
  });
});

describe("signing in", () => {
  const signIn = { user: "ada", password: "secret" };
  const credentialFile = async (host: string): Promise<string> => {
    const file = join(place.path, "config.json");
    const auth = Buffer.from(`${signIn.user}:${signIn.password}`).toString("base64");
    await writeFile(file, JSON.stringify({ auths: { [host]: { auth } } }));
    return file;
  };

  test.each(["basic", "bearer"] as const)("works with %s", async (kind) => {
    await push();
    registry.auth = { kind, ...signIn };
    await expect(pull()).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
    await pull(undefined, { credentialFiles: [join(place.path, "missing.json"), await credentialFile(registry.host)] });
    await expectWhole();
  });

  test("takes no credentials to another host that a registry redirects to", async () => {
    await push();
    await using other = await startRegistry();
    for (const [digest, blob] of registry.blobs) other.blobs.set(digest, blob);
    registry.auth = { kind: "bearer", ...signIn };
    registry.fault = ({ path }) =>
      path.includes("/blobs/") ? { kind: "redirect", to: `http://${other.host}` } : undefined;
    await pull(undefined, { credentialFiles: [await credentialFile(registry.host)] });
    expect(other.requests).toHaveLength(3);
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, undefined]);
    await expectWhole();
  });

  test("is not tried at a registry that the files do not name", async () => {
    await push();
    registry.auth = { kind: "basic", ...signIn };
    const credentialFiles = [await credentialFile("registry.example.com")];
    await expect(pull(undefined, { credentialFiles })).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
    expect(registry.requests.at(-1)?.headers.authorization).toBeUndefined();
  });
});

describe("hosts beyond this machine", () => {
  const remote = (overrides: Partial<Network>): Promise<PulledKit> => {
    const options = { store: source, reference: "registry.invalid/team/kit:1", signal: never };
    return pullKit({ ...options, network: { ...network, ...overrides } });
  };

  test("are refused in offline mode", async () => {
    await expect(remote({ offline: true })).rejects.toMatchObject({ code: "OFFLINE" });
  });

  test("are refused in offline mode when a registry redirects to them", async () => {
    await push();
    registry.fault = ({ path }) =>
      path.includes("/blobs/") ? { kind: "redirect", to: "https://registry.invalid" } : undefined;
    await expect(pull(undefined, { offline: true })).rejects.toMatchObject({ code: "OFFLINE" });
  });

  test("are not reached without encryption unless that was asked for", async () => {
    await push();
    registry.fault = ({ path }) =>
      path.includes("/blobs/") ? { kind: "redirect", to: "http://registry.invalid" } : undefined;
    await expect(pull()).rejects.toMatchObject({ code: "REFUSED" });
  });

  test("that do not exist are named as such", async () => {
    await expect(remote({ plainHttp: true })).rejects.toMatchObject({ code: "REGISTRY_FAILED" });
  });
});

test("a name with a registry is what pull makes known", async () => {
  await push();
  const store = await place.store("target");
  await pull(store);
  expect(await store.find(parseReference(`${registry.host}/team/kit:1`))).toBeDefined();
  expect(await store.find(parseReference("team/kit:1"))).toBeUndefined();
  expect(await readFile(join(place.path, "target", "oci-layout"), "utf8")).toBe('{"imageLayoutVersion":"1.0.0"}');
});
