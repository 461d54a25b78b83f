import { execFileSync } from "node:child_process";
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { type KitStore, type ModelFile, modelFileFor } from "../../src/modelkit/index.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";

let place: Scratch;
let store: KitStore;
beforeEach(async () => {
  place = await scratch();
  store = await place.store();
});
afterEach(() => place[Symbol.asyncDispose]());

const modelFile = (reference = "kit:1"): Promise<ModelFile> =>
  modelFileFor({ store, reference, folder: join(place.path, "models"), signal: never });

test("the GGUF of a kit becomes a file once, and is used again", async () => {
  const { digest } = await pack(store, await place.folder("tree", smallKit));
  const first = await modelFile("kit://kit:1");
  expect(first).toMatchObject({
    digest,
    name: "tiny",
    verified: true,
    path: join(place.path, "models", digest.slice(7), "model.gguf"),
  });
  expect(await readFile(first.path, "utf8")).toBe(smallKit["model.gguf"]);
  const { ino } = await stat(first.path);
  expect(await modelFile()).toEqual(first);
  expect((await stat(first.path)).ino).toBe(ino);
});

test("a file that was changed since is extracted again", async () => {
  await pack(store, await place.folder("tree", smallKit));
  const { path } = await modelFile();
  await appendFile(path, "tampered");
  expect(await readFile((await modelFile()).path, "utf8")).toBe(smallKit["model.gguf"]);
});

test("several at once agree on one file", async () => {
  await pack(store, await place.folder("tree", smallKit));
  const paths = await Promise.all(Array.from({ length: 8 }, async () => (await modelFile()).path));
  expect(new Set(paths).size).toBe(1);
  expect(await readFile(paths[0] ?? "", "utf8")).toBe(smallKit["model.gguf"]);
});

test("the first of several shards is the model", async () => {
  const kitfile = "manifestVersion: 1.0.0\nmodel: {path: m}";
  const shards = { "m/x-00001-of-00002.gguf": "1", "m/x-00002-of-00002.gguf": "2", "m/config.json": "{}" };
  await pack(store, await place.folder("tree", { Kitfile: kitfile, ...shards }));
  const { path } = await modelFile();
  expect(path.endsWith("m/x-00001-of-00002.gguf")).toBe(true);
  expect(await readFile(path.replace("00001-of", "00002-of"), "utf8")).toBe("2");
});

test("the model of a kit that builds on another is the other's", async () => {
  await pack(store, await place.folder("tree", smallKit), "base:1");
  await pack(store, await place.folder("child", { Kitfile: "model: {path: 'base:1', name: child}" }));
  expect(await modelFile()).toMatchObject({ name: "child" });
});

test("a kit that is not here is missing, with the command that fetches it", async () => {
  await expect(modelFile("registry.example.com/team/kit:1")).rejects.toMatchObject({
    code: "KIT_MISSING",
    hint: "trust kit pull registry.example.com/team/kit:1",
  });
});

test.each([
  ["without a model", { Kitfile: "docs: [{path: a}]", a: "" }, "has no model"],
  ["without a GGUF", { Kitfile: "model: {path: m.safetensors}", "m.safetensors": "" }, "has no GGUF"],
  ["with several", { Kitfile: "model: {path: m}", "m/a.gguf": "", "m/b.gguf": "" }, "several models"],
])("a kit %s cannot be used", async (_what, files, message) => {
  await pack(store, await place.folder("tree", files));
  await expect(modelFile()).rejects.toMatchObject({
    code: "KIT_INVALID",
    message: expect.stringContaining(message) as string,
  });
});

test("a damaged layer never becomes a file", async () => {
  const { layers } = await pack(store, await place.folder("tree", smallKit));
  const path = store.blobPath(layers[0]?.digest ?? "");
  const bytes = await readFile(path);
  bytes[520] = 0;
  await writeFile(path, bytes);
  await expect(modelFile()).rejects.toMatchObject({ code: "KIT_CORRUPT" });
  await expect(
    stat(join(place.path, "models", (await store.read("kit:1")).descriptor.digest.slice(7))),
  ).rejects.toThrow("ENOENT");
});

test("a file that was changed and given its size and time back is extracted again", async () => {
  await pack(store, await place.folder("tree", smallKit));
  const { path } = await modelFile();
  const before = join(place.path, "before");
  execFileSync("touch", ["-r", path, before]);
  await writeFile(path, "x".repeat(smallKit["model.gguf"].length));
  execFileSync("touch", ["-r", before, path]);
  expect(await readFile((await modelFile()).path, "utf8")).toBe(smallKit["model.gguf"]);
});
