import { execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { createServer, connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type KitStore, type Network, pullKit, pushKit, verifyKit } from "../../src/modelkit/index.ts";
import { parseUnknownJson } from "../../src/protocol/json.ts";
import { type DockerRegistry, dockerRegistry } from "../../src/testing/index.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";

const run = promisify(execFile);
const isThere = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;
const hasRegistry = isThere("docker-registry");
const hasSkopeo = isThere("skopeo");
const network: Network = { credentialFiles: [], plainHttp: false, offline: false };

describe.skipIf(!hasRegistry)("with docker-registry", () => {
  let place: Scratch;
  let registry: DockerRegistry | undefined;
  let host: string;
  let source: KitStore;
  beforeAll(async () => {
    place = await scratch();
    registry = await dockerRegistry();
    host = registry?.host ?? "";
    source = await place.store("source");
    const folder = await place.folder("tree", { ...smallKit, "model.gguf": randomBytes(30_000_000) });
    await pack(source, folder);
  });
  afterAll(async () => {
    await registry?.[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test("a kit goes there and comes back the same", async () => {
    const target = `${host}/team/kit:1`;
    const pushed = await pushKit({ store: source, source: "kit:1", target, network, signal: never });
    expect(pushed.blobs).toEqual({ sent: 3, mounted: 0, there: 0 });
    const store = await place.store("pulled");
    const { digest } = await pullKit({ store, reference: target, network, signal: never });
    expect(digest).toBe((await source.read("kit:1")).descriptor.digest);
    await verifyKit({ store, reference: target, signal: never });
  });

  test("large blobs go in pieces, and blobs of another repository are mounted", async () => {
    const target = `${host}/team/pieces:1`;
    await pushKit({ store: source, source: "kit:1", target, network, signal: never, pieceSize: 7_000_000 });
    const store = await place.store("pieces");
    await pullKit({ store, reference: target, network, signal: never });
    await verifyKit({ store, reference: target, signal: never });
    const copy = await pushKit({ store, source: target, target: `${host}/team/copy:1`, network, signal: never });
    expect(copy.blobs).toEqual({ sent: 0, mounted: 3, there: 0 });
  });

  test.skipIf(!hasSkopeo)("skopeo copies a kit to an OCI layout with the same digests", async () => {
    const target = `${host}/team/skopeo:1`;
    const { digest } = await pushKit({ store: source, source: "kit:1", target, network, signal: never });
    const layout = join(place.path, "layout");
    await run("skopeo", [
      "copy",
      "--src-tls-verify=false",
      "--preserve-digests",
      `docker://${target}`,
      `oci:${layout}:1`,
    ]);
    const index = parseUnknownJson(await readFile(join(layout, "index.json"), "utf8"), "index") as {
      manifests: { digest: string }[];
    };
    expect(index.manifests.map((one) => one.digest)).toEqual([digest]);
    const ours = await readdir(join(source.root, "blobs", "sha256"));
    expect((await readdir(join(layout, "blobs", "sha256"))).toSorted()).toEqual(ours.toSorted());
    for (const name of ours) {
      const theirs = await readFile(join(layout, "blobs", "sha256", name));
      expect(theirs.equals(await readFile(join(source.root, "blobs", "sha256", name)))).toBe(true);
    }
  });

  test.skipIf(!hasSkopeo)("what skopeo brings there from our store is pulled as the same kit", async () => {
    const target = `${host}/team/back:1`;
    const [layout, destination] = [`oci:${source.root}`, `docker://${target}`];
    await run("skopeo", ["copy", "--dest-tls-verify=false", "--preserve-digests", layout, destination]);
    const { digest } = await pullKit({ store: await place.store("back"), reference: target, network, signal: never });
    expect(digest).toBe((await source.read("kit:1")).descriptor.digest);
  });

  test("a pull that was killed fetches only the rest", async () => {
    const target = `${host}/team/killed:1`;
    await pushKit({ store: source, source: "kit:1", target, network, signal: never });
    const slow = await slowProxy(Number(host.split(":")[1]));
    const store = await place.store("killed");
    const reference = `127.0.0.1:${slow.port}/team/killed:1`;
    const script = join(import.meta.dirname, "store-process.ts");
    const words = ["--conditions=@trust-cli/source", script, "pull", store.root, reference];
    const child = spawn(process.execPath, words, { stdio: "ignore" });
    const partial = join(store.root, "ingest");
    for (let attempt = 0; attempt < 400 && (await largestIn(partial)) < 8_000_000; attempt++) await sleep(25);
    child.kill("SIGKILL");
    await once(child, "exit");
    const left = await largestIn(partial);
    expect(left).toBeGreaterThan(8_000_000);
    expect(left).toBeLessThan(30_000_000);
    slow.reset();
    await pullKit({ store, reference, network, signal: never });
    expect(slow.received()).toBeLessThan(30_000_000 - left + 200_000);
    await verifyKit({ store, reference, signal: never });
    slow.close();
  });
});

/** 0 for a blob that got its name meanwhile. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function largestIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => await sizeOf(join(folder, name))));
  return Math.max(0, ...sizes);
}

/** Lets about 20 MB a second through, and counts what comes from the registry. */
async function slowProxy(target: number): Promise<{ port: number; received(): number; reset(): void; close(): void }> {
  let received = 0;
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
    upstream.on("error", () => client.destroy()).on("close", () => client.end());
    client.pipe(upstream);
    upstream.on("data", (bytes) => {
      received += bytes.length;
      client.write(bytes);
      upstream.pause();
      setTimeout(() => upstream.resume(), bytes.length / 20_000);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    received: () => received,
    reset: () => (received = 0),
    close: () => server.close(),
  };
}
