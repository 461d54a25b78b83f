import { execFileSync } from "node:child_process";
import { chmod, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { type KitStore, packKit, parseReferences, unpackKit } from "../../src/modelkit/index.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";

let place: Scratch;
let store: KitStore;
beforeEach(async () => {
  place = await scratch();
  store = await place.store();
});
afterEach(() => place[Symbol.asyncDispose]());

/** The names in each layer, by the system's tar. */
const contents = async (reference = "kit:1"): Promise<string[][]> => {
  const { manifest } = await store.read(reference);
  return manifest.layers.map(({ digest }) =>
    execFileSync("tar", ["-tf", store.blobPath(digest)], { encoding: "utf8" })
      .split("\n")
      .slice(0, -1),
  );
};
const withFiles = (files: Record<string, string>, kitfile: string): Promise<string> =>
  place.folder("tree", { ...files, Kitfile: `manifestVersion: 1.0.0\n${kitfile}` });

describe("packing", () => {
  test("gives the same digest every time, whatever the order of the files on disk", async () => {
    const first = await pack(store, await place.folder("one", { ...smallKit, "b/x": "1" }));
    const files = Object.fromEntries(Object.entries({ "b/x": "1", ...smallKit }).toReversed());
    expect((await pack(store, await place.folder("two", files), "kit:2")).digest).toBe(first.digest);
  });

  test("leaves files of a deeper layer out of those above it", async () => {
    const files = { "m/model.gguf": "m", "m/notes.md": "n", "a.py": "a" };
    await pack(
      store,
      await withFiles(files, "model: {path: m/model.gguf}\ncode: [{path: .}]\ndocs: [{path: m/notes.md}]"),
    );
    expect(await contents()).toEqual([
      ["m", "m/model.gguf"],
      ["a.py", "m"],
      ["m", "m/notes.md"],
    ]);
  });

  test("follows .kitignore, where the last rule that fits counts", async () => {
    const files = {
      "a.log": "",
      "keep.log": "",
      "sub/b.log": "",
      "data/x/y": "",
      "data/x/z": "",
      ".kitignore": "*.log\n!keep.log\ndata\n!data/x/z\n",
    };
    await pack(store, await withFiles(files, "code: [{path: .}]"));
    expect(await contents()).toEqual([["data/x/z", "keep.log", "sub", "sub/b.log"]]);
  });

  test("leaves out Kitfiles, .kitignore, .kit and what systems leave lying about", async () => {
    const files = {
      "a/.DS_Store": "",
      "Thumbs.db": "",
      "a/b": "",
      ".kit/manifest.json": "",
      kitfile: "",
      ".kitignore": "",
    };
    await pack(store, await withFiles(files, "code: [{path: .}]"));
    expect(await contents()).toEqual([["a", "a/b"]]);
  });

  test("takes a model that is there, although its name could be a kit's", async () => {
    await pack(store, await withFiles({ "llama3:8b.gguf": "weights" }, "model: {path: 'llama3:8b.gguf'}"));
    expect(await contents()).toEqual([["llama3:8b.gguf"]]);
    const out = join(place.path, "out");
    const { files } = await unpackKit({ store, reference: "kit:1", folder: out, filters: [], signal: never });
    expect(files).toEqual(["llama3:8b.gguf", "Kitfile"]);
    const again = await packKit({ store, folder: out, references: parseReferences("kit:2"), signal: never });
    expect(again.digest).toBe((await store.read("kit:1")).descriptor.digest);
  });

  test("takes the Kitfile that is named", async () => {
    const folder = await place.folder("tree", {
      ...smallKit,
      other: "manifestVersion: 1.0.0\ndocs: [{path: README.md}]",
    });
    const references = parseReferences("kit:1");
    await packKit({ store, folder, kitfile: join(folder, "other"), references, signal: never });
    expect(await contents()).toEqual([["README.md"]]);
  });

  test("reports the bytes that are done up to all of them", async () => {
    const folder = await place.folder("tree", { ...smallKit, "model.gguf": Buffer.alloc(3_000_000) });
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }): void => void seen.push(done / total);
    await packKit({ store, folder, references: parseReferences("kit:1"), signal: never, onProgress });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe(1);
  });

  test("leaves nothing behind when it is told to stop", async () => {
    const folder = await place.folder("tree", { ...smallKit, "model.gguf": Buffer.alloc(5_000_000) });
    const stop = new AbortController();
    const options = { store, folder, references: parseReferences("kit:1"), signal: stop.signal };
    const packing = packKit({ ...options, onProgress: () => stop.abort() });
    await expect(packing).rejects.toMatchObject({ name: "AbortError" });
    expect(await readdir(join(store.root, "ingest"))).toEqual([]);
    expect(await readdir(join(store.root, "blobs", "sha256"))).toEqual([]);
    expect(await store.list()).toEqual([]);
  });

  test("warns about a layer without files", async () => {
    const folder = await withFiles({ "src/a.log": "", ".kitignore": "**/*.log" }, "code: [{path: src}]");
    expect((await pack(store, folder)).warnings).toEqual(["the code layer src has no files"]);
  });
});

describe("packing refuses", () => {
  const refusal = async (folder: Promise<string>): Promise<{ code: string; message: string }> => {
    const path = await folder;
    return pack(store, path).then(
      () => ({ code: "packed", message: "" }),
      (error: unknown) => error as { code: string; message: string },
    );
  };

  test("a folder without a Kitfile", async () => {
    expect(await refusal(place.folder("tree", {}))).toMatchObject({ code: "KIT_INVALID" });
  });

  test("a path that is not there", async () => {
    const { message } = await refusal(withFiles({}, "model: {path: missing.gguf}"));
    expect(message).toContain("missing.gguf, which is not in");
  });

  test("names that kit would leave out without a word", async () => {
    const { message } = await refusal(withFiles({ "a..b.txt": "" }, "code: [{path: .}]"));
    expect(message).toContain("names with .. in them");
  });

  test("a name that kit would take for a part of another layer", async () => {
    const files = { "model/m.gguf": "", "model-alt/x": "" };
    const { message } = await refusal(withFiles(files, "model: {path: model}\ncode: [{path: .}]"));
    expect(message).toContain("begins alike");
  });

  test("links, unless they are ignored", async () => {
    const folder = await withFiles({ "a.txt": "" }, "code: [{path: .}]");
    await symlink("a.txt", join(folder, "link"));
    expect((await refusal(Promise.resolve(folder))).message).toContain("it is a symbolic link");
    await writeFile(join(folder, ".kitignore"), "link\n");
    await pack(store, folder);
    expect(await contents()).toEqual([["a.txt"]]);
  });

  test("an MCP server that is no zip archive with a manifest", async () => {
    const { message } = await refusal(withFiles({ "s.mcpb": "PK no" }, "mcpServers: [{name: s, path: s.mcpb}]"));
    expect(message).toContain("no zip archive");
    await writeFile(join(place.path, "tree", "s.mcpb"), zipWith("other.json"));
    expect((await refusal(Promise.resolve(join(place.path, "tree")))).message).toContain("no manifest.json");
  });

  test.skipIf(process.getuid?.() === 0)("a file that cannot be read, before anything is written", async () => {
    const folder = await place.folder("tree", smallKit);
    await chmod(join(folder, "model.gguf"), 0);
    expect((await refusal(Promise.resolve(folder))).message).toContain("cannot be read");
  });
});

/** A zip archive with one empty file. */
function zipWith(name: string): Buffer {
  const entry = Buffer.alloc(46 + name.length);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(name.length, 28);
  entry.write(name, 46);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(entry.length, 12);
  return Buffer.concat([entry, end]);
}

test("an MCP server is stored as it is, and comes out again", async () => {
  const folder = await place.folder("tree", {
    Kitfile: "manifestVersion: 1.0.0\nmcpServers: [{name: s, path: s.mcpb}]",
    "s.mcpb": zipWith("manifest.json"),
  });
  const { layers } = await pack(store, folder);
  expect(layers[0]).toMatchObject({
    mediaType: "application/vnd.kitops.modelkit.mcpb.v1.raw",
    annotations: { "org.cncf.model.filepath": "s.mcpb" },
  });
  const out = join(place.path, "out");
  const { files } = await unpackKit({ store, reference: "kit:1", folder: out, filters: [], signal: never });
  expect(files).toEqual(["s.mcpb", "Kitfile"]);
  expect(await readFile(join(out, "s.mcpb"))).toEqual(zipWith("manifest.json"));
});

test("a prompt is a code layer that says so", async () => {
  const { layers } = await pack(store, await withFiles({ "p.md": "hi" }, "prompts: [{name: p, path: p.md}]"));
  expect(layers[0]).toMatchObject({
    mediaType: "application/vnd.kitops.modelkit.code.v1.tar",
    annotations: { "ml.kitops.modelkit.layer-subtype": "prompt" },
  });
});
