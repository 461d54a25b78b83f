import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type KitStore, openKitStore, parseReference, verifyKit } from "../../src/modelkit/index.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";

let place: Scratch;
let store: KitStore;
beforeEach(async () => {
  place = await scratch();
  store = await place.store();
});
afterEach(() => place[Symbol.asyncDispose]());

const blobs = (): Promise<string[]> => readdir(join(store.root, "blobs", "sha256"));
const ingest = (): Promise<string[]> => readdir(join(store.root, "ingest"));

interface Other extends AsyncDisposable {
  /** Waits until it says a word. */
  says(word: string): Promise<void>;
  kill(): Promise<void>;
  finished(): Promise<number | null>;
}

function otherProcess(...words: readonly string[]): Other {
  const script = join(import.meta.dirname, "store-process.ts");
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ["--conditions=@trust-cli/source", script, ...words],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = once(child, "exit") as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  return {
    async says(word) {
      for (let line = await lines.next(); ; line = await lines.next()) {
        if (line.done === true) throw new Error(`it ended before it said ${word}`);
        if (line.value.startsWith(word)) return;
      }
    },
    kill,
    finished: async () => (await exited)[0],
    [Symbol.asyncDispose]: kill,
  };
}

describe("the store", () => {
  test("is an OCI layout, with the files for each repository that kit has", async () => {
    const { digest } = await pack(store, await place.folder("tree", smallKit), "mymodel:1");
    const names = await readdir(store.root);
    expect(names).toEqual(
      expect.arrayContaining([
        "oci-layout",
        "index.json",
        "bG9jYWxob3N0L215bW9kZWw=-index.json",
        "bG9jYWxob3N0L215bW9kZWw=-tags.json",
      ]),
    );
    const size = (await readFile(store.blobPath(digest))).length;
    const descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size };
    expect(await readFile(join(store.root, "bG9jYWxob3N0L215bW9kZWw=-tags.json"), "utf8")).toBe(
      JSON.stringify({ 1: descriptor }),
    );
    expect(await readFile(join(store.root, "index.json"), "utf8")).toContain(JSON.stringify(descriptor));
  });

  test("lists kits by repository, also those whose tag moved on, and names damaged ones", async () => {
    const first = await pack(store, await place.folder("one", smallKit), "a/kit:1");
    const second = await pack(
      store,
      await place.folder("two", { ...smallKit, "README.md": "other" }),
      "a/kit:1,latest",
    );
    expect(await store.list()).toMatchObject([
      { repository: "a/kit", tags: [], digest: first.digest, name: "small", version: "1.10" },
      { repository: "a/kit", tags: ["1", "latest"], digest: second.digest },
    ]);
    await writeFile(store.blobPath(first.digest), "x");
    expect((await store.list())[0]?.problem).toContain("damaged");
    expect((await store.read("a/kit:1")).descriptor.digest).toBe(second.digest);
    expect((await store.read(second.digest)).descriptor.digest).toBe(second.digest);
  });

  test("keeps a kit until its last name is taken away", async () => {
    await pack(store, await place.folder("tree", smallKit), "kit:1,2");
    expect((await store.remove("kit:1", never)).freedBytes).toBe(0);
    expect(await store.find(parseReference("kit:1"))).toBeUndefined();
    await verifyKit({ store, reference: "kit:2", signal: never });
    expect((await store.remove("kit:2", never)).freedBytes).toBeGreaterThan(0);
    expect(await blobs()).toEqual([]);
    await expect(store.remove("kit:2", never)).rejects.toMatchObject({ code: "KIT_MISSING" });
    expect((await readdir(store.root)).filter((name) => name.includes("="))).toEqual([]);
  });

  test("takes every name of a digest away at once", async () => {
    const { digest } = await pack(store, await place.folder("tree", smallKit), "kit:1,2");
    await store.remove(digest, never);
    expect(await store.list()).toEqual([]);
    expect(await blobs()).toEqual([]);
  });

  test("never drops a blob that another kit needs, whatever is added and removed", async () => {
    const name = fc.integer({ min: 0, max: 3 });
    const step = fc.record({ verb: fc.constantFrom("add", "remove"), tag: name, model: name, docs: name });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        store = await openKitStore(join(place.path, `store-${run++}`));
        const tags = new Map<number, string>();
        for (const { verb, tag, model, docs } of steps) {
          if (verb === "add") {
            const files = { ...smallKit, "model.gguf": `m${model}`, "README.md": `d${docs}` };
            const folder = await place.folder(`tree-${model}-${docs}`, files);
            tags.set(tag, (await pack(store, folder, `kit:${tag}`)).digest);
          } else if (tags.delete(tag)) await store.remove(`kit:${tag}`, never);
          for (const [kept, digest] of tags) {
            expect((await verifyKit({ store, reference: `kit:${kept}`, signal: never })).digest).toBe(digest);
          }
        }
        for (const { digest } of await store.list()) await store.remove(digest, never);
        expect(await blobs()).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test("removes nothing unreferenced while another process is at work, and all of it afterwards", async () => {
    await pack(store, await place.folder("tree", smallKit));
    await using other = otherProcess("hold", store.root);
    await other.says("working");
    await writeFile(join(store.root, "blobs", "sha256", "a".repeat(64)), "about to be named");
    await store.remove("kit:1", never);
    expect((await blobs()).length).toBeGreaterThan(1);
    await other.kill();
    await pack(store, await place.folder("tree", smallKit));
    await store.remove("kit:1", never);
    expect(await blobs()).toEqual([]);
  });

  test("forgets downloads that nobody continued for two weeks", async () => {
    await using work = await store.beginWork(never);
    const [old, young] = ["a", "b"].map((digit) => work.partialPath(`sha256:${digit.repeat(64)}`)) as [string, string];
    await writeFile(old, "old");
    await writeFile(young, "young");
    const seconds = Date.now() / 1000 - 15 * 24 * 60 * 60;
    await utimes(old, seconds, seconds);
    await work[Symbol.asyncDispose]();
    await pack(store, await place.folder("tree", smallKit));
    expect(await ingest()).toEqual(["b".repeat(64)]);
  });
});

test("names that are given at the same moment are all kept", async () => {
  const folder = await place.folder("tree", smallKit);
  const tags = Array.from({ length: 12 }, (_, index) => `kit:${index}`);
  await Promise.all(tags.map(async (tag) => pack(await place.store(), folder, tag)));
  expect((await store.list())[0]?.tags).toHaveLength(12);
});

describe("several processes", () => {
  test("pack into one store at once", async () => {
    const folders = await Promise.all(
      ["a", "b", "c"].map((name) => place.folder(name, { ...smallKit, "README.md": name })),
    );
    const others = folders.map((folder, index) => otherProcess("pack", store.root, folder, `kit:${index}`));
    expect(await Promise.all(others.map((other) => other.finished()))).toEqual([0, 0, 0]);
    const [kit] = await store.list();
    expect(kit?.repository).toBe("kit");
    for (const tag of [0, 1, 2]) await verifyKit({ store, reference: `kit:${tag}`, signal: never });
    expect(await ingest()).toEqual([]);
  });

  test("leave a whole store when one is killed while it packs", async () => {
    const folder = await place.folder("tree", { ...smallKit, "model.gguf": randomBytes(40_000_000) });
    await pack(store, await place.folder("before", smallKit), "before:1");
    const other = otherProcess("pack", store.root, folder);
    await other.says("progress 0.2");
    await other.kill();
    expect(await ingest()).toHaveLength(1);
    expect(await store.find(parseReference("kit:1"))).toBeUndefined();
    await verifyKit({ store, reference: "before:1", signal: never });
    await pack(store, folder);
    expect(await ingest()).toEqual([]);
    await verifyKit({ store, reference: "kit:1", signal: never });
  });
});
