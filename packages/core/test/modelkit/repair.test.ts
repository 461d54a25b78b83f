import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  type KitStore,
  modelFileFor,
  type Network,
  parseReference,
  pullKit,
  type RemovedKit,
  pushKit,
  removeKit,
  verifyKit,
} from "../../src/modelkit/index.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";
import { startRegistry } from "./test-registry.ts";

let place: Scratch;
let store: KitStore;
let tree: string;
let models: string;
beforeEach(async () => {
  place = await scratch();
  store = await place.store();
  tree = await place.folder("tree", smallKit);
  models = join(place.path, "models");
});
afterEach(() => place[Symbol.asyncDispose]());

const remove = (reference = "kit:1"): Promise<RemovedKit> =>
  removeKit({ store, reference, modelsFolder: models, signal: never });
const verify = (reference = "kit:1"): Promise<unknown> => verifyKit({ store, reference, signal: never });
const indexFile = (name: string, end: "index" | "tags"): string =>
  join(store.root, `${Buffer.from(`localhost/${name}`).toString("base64url").padEnd(20, "=")}-${end}.json`);

/** Changes one byte of every blob, and keeps its size. */
async function damageBlobs(): Promise<void> {
  const folder = join(store.root, "blobs", "sha256");
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);
  }
}

describe("blobs that are damaged and have their size", () => {
  test("are replaced by packing again", async () => {
    await pack(store, tree);
    await damageBlobs();
    await expect(verify()).rejects.toMatchObject({ code: "KIT_CORRUPT" });
    await pack(store, tree);
    await verify();
  });

  test("are replaced by pulling again", async () => {
    await using registry = await startRegistry();
    const network: Network = { credentialFiles: [], plainHttp: false, offline: false };
    const reference = `${registry.host}/team/kit:1`;
    await pack(store, tree);
    await pushKit({ store, source: "kit:1", target: reference, network, signal: never });
    await pullKit({ store, reference, network, signal: never });
    await damageBlobs();
    await expect(verify(reference)).rejects.toMatchObject({ code: "KIT_CORRUPT" });
    await pullKit({ store, reference, network, signal: never });
    await verify(reference);
  });
});

describe("removing a kit", () => {
  const extract = (reference = "kit:1"): Promise<{ path: string }> =>
    modelFileFor({ store, reference, folder: models, signal: never });

  test("takes its extracted model away too, with its last name", async () => {
    await pack(store, tree, "kit:1,2");
    const { path } = await extract();
    expect((await remove("kit:1")).freedBytes).toBe(0);
    expect(existsSync(path)).toBe(true);
    const blobs = join(store.root, "blobs", "sha256");
    const stored = await Promise.all((await readdir(blobs)).map((name) => readFile(join(blobs, name))));
    const { freedBytes } = await remove("kit:2");
    const storedBytes = stored.reduce((sum, { length }) => sum + length, 0);
    expect(freedBytes).toBeGreaterThanOrEqual(storedBytes + smallKit["model.gguf"].length);
    expect(existsSync(path)).toBe(false);
    expect((await readdir(models)).filter((name) => /^[0-9a-f]{64}/.test(name))).toEqual([]);
  });

  test("leaves the extracted models of other kits", async () => {
    await pack(store, tree);
    await pack(store, await place.folder("other", { ...smallKit, "README.md": "other" }), "other:1");
    const { path } = await extract("other:1");
    await remove();
    expect(existsSync(path)).toBe(true);
  });

  test("works beside a damaged kit, whose blobs stay, and names it", async () => {
    const { digest } = await pack(store, tree, "bad:1");
    const other = await pack(store, await place.folder("other", { ...smallKit, "README.md": "other" }));
    await writeFile(store.blobPath(digest), "damaged");
    const { freedBytes, warnings } = await remove();
    expect(freedBytes).toBe(0);
    expect(warnings).toEqual([expect.stringContaining("bad:1")]);
    expect(await store.find(parseReference("kit:1"))).toBeUndefined();
    expect(existsSync(store.blobPath(other.layers[0]?.digest ?? ""))).toBe(true);
    expect((await remove("bad:1")).warnings).toEqual([]);
    expect(await readdir(join(store.root, "blobs", "sha256"))).toEqual([]);
  });

  test("says what could not be written", async () => {
    await pack(store, tree);
    await mkdir(join(store.root, "blobs", "sha256", "in-the-way"));
    await expect(remove()).rejects.toMatchObject({ code: "STORAGE_FAILED" });
  });
});

describe("a broken file of the store's index", () => {
  const breakIndex = (...ends: readonly ("index" | "tags")[]): Promise<unknown> =>
    Promise.all(ends.map((end) => writeFile(indexFile("bad", end), '{"half')));
  beforeEach(async () => {
    await pack(store, tree, "bad:1");
    await pack(store, tree, "kit:1");
  });

  test("leaves the other kits usable, and the list names it", async () => {
    await breakIndex("index", "tags");
    const rows = await store.list();
    expect(rows.map(({ repository }) => repository)).toEqual(["bad", "kit"]);
    expect(rows[0]?.problem).toContain("not valid JSON");
    expect(rows[1]?.problem).toBeUndefined();
    await verify();
    await expect(store.read("bad:1")).rejects.toMatchObject({ code: "KIT_CORRUPT" });
    await pack(store, await place.folder("more", { ...smallKit, "README.md": "more" }), "more:1");
    expect((await remove("more:1")).warnings).toEqual([expect.stringContaining("bad")]);
  });

  test.each([["index"], ["tags"], ["index", "tags"]] as const)("is written anew by packing (%s)", async (...ends) => {
    await breakIndex(...ends);
    await pack(store, tree, "bad:1");
    await verify("bad:1");
    expect((await store.list()).filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  test("is written anew by removing", async () => {
    await breakIndex("index");
    await remove("bad:1");
    expect((await store.list()).map(({ repository }) => repository)).toEqual(["kit"]);
    await pack(store, tree, "bad:1");
    await breakIndex("index", "tags");
    await expect(remove("bad:1")).rejects.toMatchObject({ code: "KIT_MISSING" });
    expect((await store.list()).map(({ repository }) => repository)).toEqual(["kit"]);
  });

  test("costs nothing when it is the one of all manifests", async () => {
    await writeFile(join(store.root, "index.json"), "");
    const { digest } = (await store.read("kit:1")).descriptor;
    await verify(digest);
    await pack(store, tree, "more:1");
    expect(await readFile(join(store.root, "index.json"), "utf8")).toContain(digest);
    await writeFile(join(store.root, "index.json"), "");
    await remove("more:1");
    await verify();
  });
});
