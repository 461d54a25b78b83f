import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  type KitStore,
  parseFilter,
  parseReferences,
  type UnpackedKit,
  unpackKit,
  verifyKit,
} from "../../src/modelkit/index.ts";
import { configJson } from "../../src/modelkit/kitfile/config-json.ts";
import type { Kitfile } from "../../src/modelkit/kitfile/shape.ts";
import { configMediaType, manifestJson, manifestMediaType } from "../../src/modelkit/manifest.ts";
import { blobPath, digestOf } from "../../src/modelkit/store/work.ts";
import { padding, tarHeader, trailer } from "../../src/modelkit/tar/header.ts";
import { never, pack, scratch, type Scratch, smallKit } from "./scratch.ts";

let place: Scratch;
let store: KitStore;
let out: string;
beforeEach(async () => {
  place = await scratch();
  store = await place.store();
  out = join(place.path, "out");
});
afterEach(() => place[Symbol.asyncDispose]());

const unpack = (options: Partial<Parameters<typeof unpackKit>[0]> = {}): Promise<UnpackedKit> =>
  unpackKit({ store, reference: "kit:1", folder: out, filters: [], signal: never, ...options });

/** Nothing but what was there, staging folders included. */
const expectUntouched = async (...names: string[]): Promise<void> => {
  expect((await readdir(place.path)).filter((name) => name.startsWith(".trust"))).toEqual([]);
  expect(existsSync(out) ? await readdir(out) : []).toEqual(names);
};

/** Stores a kit whose layers are these bytes. */
async function storeKit(
  layers: readonly { bytes: Buffer; type?: string; annotations?: Record<string, string> }[],
  kitfile: Kitfile = { manifestVersion: "1.0.0", package: {} },
): Promise<void> {
  await using work = await store.beginWork(never);
  const config = { mediaType: configMediaType, ...(await work.keepText(configJson(kitfile))) };
  const descriptors = [];
  for (const { bytes, type = "code.v1.tar", annotations } of layers) {
    const digest = digestOf(bytes);
    await writeFile(blobPath(store.root, digest), bytes);
    const mediaType = `application/vnd.kitops.modelkit.${type}`;
    descriptors.push({ mediaType, digest, size: bytes.length, ...(annotations === undefined ? {} : { annotations }) });
  }
  const manifest = await work.keepText(manifestJson({ config, layers: descriptors }));
  await store.add(parseReferences("kit:1"), { mediaType: manifestMediaType, ...manifest }, never);
}

interface Member {
  name: string;
  content?: string;
  /** The type byte of its header. */
  type?: string;
}

/** An archive as bad as it likes. */
function archive(...members: readonly Member[]): Buffer {
  const parts = members.flatMap(({ name, content = "", type = "0" }) => {
    const bytes = Buffer.from(content);
    const header = tarHeader({ name, mode: 0o644, size: bytes.length, isFolder: false });
    const block = header.subarray(-512);
    block.write(type, 156, "latin1");
    block.fill(" ", 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
    return [header, bytes, Buffer.alloc(padding(bytes.length))];
  });
  return Buffer.concat([...parts, trailer]);
}

describe("unpacking", () => {
  test("gives the files back with their modes, and the Kitfile", async () => {
    const files = {
      Kitfile: "manifestVersion: 1.0.0\npackage: {version: 1.10}\ncode: [{path: .}]\n",
      "run.sh": "#!/bin/sh\n",
      "d/e": "",
    };
    await pack(store, await place.folder("tree", files, { "run.sh": 0o755 }));
    expect((await unpack()).files.toSorted()).toEqual(["Kitfile", "d/e", "run.sh"]);
    expect((await stat(join(out, "run.sh"))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(out, "run.sh"), "utf8")).toBe("#!/bin/sh\n");
    expect(await readFile(join(out, "Kitfile"), "utf8")).toContain('version: "1.10"');
  });

  test("takes only what a filter names", async () => {
    await pack(store, await place.folder("tree", smallKit));
    expect((await unpack({ filters: [parseFilter("model")] })).files).toEqual(["model.gguf"]);
    expect((await unpack({ filters: [parseFilter("docs:./README.md"), parseFilter("kitfile")] })).files).toEqual([
      "README.md",
      "Kitfile",
    ]);
    expect(() => parseFilter("weights")).toThrow("no type");
  });

  test("touches nothing when a file is there already", async () => {
    await pack(store, await place.folder("tree", smallKit));
    await place.folder("out", { "README.md": "mine" });
    await expect(unpack()).rejects.toMatchObject({ code: "KIT_CONFLICT" });
    await expectUntouched("README.md");
    expect(await readFile(join(out, "README.md"), "utf8")).toBe("mine");
  });

  test("replaces or keeps such files when told to", async () => {
    await pack(store, await place.folder("tree", smallKit));
    await place.folder("out", { "README.md": "mine", other: "stays" });
    expect((await unpack({ existing: "keep" })).kept).toEqual(["README.md"]);
    expect(await readFile(join(out, "README.md"), "utf8")).toBe("mine");
    await unpack({ existing: "overwrite" });
    expect(await readFile(join(out, "README.md"), "utf8")).toBe(smallKit["README.md"]);
    expect((await readdir(out)).toSorted()).toEqual(["Kitfile", "README.md", "model.gguf", "other"]);
  });

  test("does not replace a folder or a link, even when told to overwrite", async () => {
    await pack(store, await place.folder("tree", smallKit));
    await mkdir(join(out, "README.md"), { recursive: true });
    await expect(unpack({ existing: "overwrite" })).rejects.toMatchObject({ code: "KIT_CONFLICT" });
    await expectUntouched("README.md");
  });

  test("does not write through a link that leads out of the folder", async () => {
    await pack(store, await place.folder("tree", { Kitfile: "code: [{path: d}]", "d/e": "x" }));
    await mkdir(join(place.path, "elsewhere"));
    await mkdir(out);
    await symlink(join(place.path, "elsewhere"), join(out, "d"));
    await expect(unpack({ existing: "overwrite" })).rejects.toMatchObject({ code: "PATH_OUTSIDE" });
    expect(await readdir(join(place.path, "elsewhere"))).toEqual([]);
  });

  test("says when nothing is what a filter names", async () => {
    await pack(store, await place.folder("tree", smallKit));
    await expect(unpack({ filters: [parseFilter("model:nope")] })).rejects.toMatchObject({ code: "USAGE" });
    expect(existsSync(out)).toBe(false);
  });

  test.each(["nowhere", "d"])("touches nothing when a folder that it needs is a link to %s", async (leadsTo) => {
    await pack(store, await place.folder("tree", { Kitfile: "code: [{path: .}]", a: "x", "d/e": "x" }));
    await mkdir(out);
    await symlink(leadsTo, join(out, "d"));
    await expect(unpack({ existing: "overwrite" })).rejects.toMatchObject({ code: "KIT_CONFLICT" });
    await expectUntouched("d");
  });

  test("says when the folder itself is a link that leads nowhere", async () => {
    await pack(store, await place.folder("tree", smallKit));
    await symlink(join(place.path, "nowhere"), out);
    await expect(unpack()).rejects.toMatchObject({
      code: "KIT_CONFLICT",
      message: expect.stringContaining("leads nowhere") as string,
    });
  });

  test("shows names of files in one line", async () => {
    await storeKit([{ bytes: archive({ name: "a\nUnpacked 9 files\u001b[2K" }) }]);
    await place.folder("out", { "a\nUnpacked 9 files\u001b[2K": "" });
    await expect(unpack()).rejects.toMatchObject({
      message: "the folder has a Unpacked 9 files [2K already; nothing was written",
    });
  });

  test("takes the model of the kit that it builds on", async () => {
    await pack(
      store,
      await place.folder("base", { Kitfile: "model: {path: m.gguf}\ndocs: [{path: d}]", "m.gguf": "M", d: "D" }),
      "base:1",
    );
    await pack(store, await place.folder("child", { Kitfile: "model: {path: 'base:1'}\ncode: [{path: c}]", c: "C" }));
    expect((await unpack()).files.toSorted()).toEqual(["Kitfile", "c", "m.gguf"]);
  });

  test("refuses kits that build on each other in a circle", async () => {
    await pack(store, await place.folder("a", { Kitfile: "model: {path: 'kit:2'}" }));
    await pack(store, await place.folder("b", { Kitfile: "model: {path: 'kit:1'}" }), "kit:2");
    await expect(unpack()).rejects.toMatchObject({
      code: "KIT_INVALID",
      message: expect.stringContaining("circle") as string,
    });
  });

  test("reads gzip and zstd layers", async () => {
    const bytes = archive({ name: "a.txt", content: "compressed" });
    const { gzipSync, zstdCompressSync } = await import("node:zlib");
    await storeKit([{ bytes: gzipSync(bytes), type: "code.v1.tar+gzip" }]);
    await unpack();
    await storeKit([{ bytes: zstdCompressSync(bytes), type: "docs.v1.tar+zstd" }]);
    await unpack({ existing: "overwrite" });
    expect(await readFile(join(out, "a.txt"), "utf8")).toBe("compressed");
  });

  test("finds files of the first versions of kits, which have no digests in the Kitfile", async () => {
    const kitfile = { manifestVersion: "1.0.0", package: {}, model: { path: "weights/m.gguf" } };
    await storeKit([{ bytes: archive({ name: "m.gguf", content: "M" }), type: "model.v1.tar" }], kitfile);
    expect((await unpack()).files).toEqual(["weights/m.gguf", "Kitfile"]);
  });

  test("takes a file once that two layers of an older kit have", async () => {
    const readme = { name: "README.md", content: "same" };
    await storeKit([{ bytes: archive(readme, { name: "x" }) }, { bytes: archive(readme), type: "docs.v1.tar" }]);
    expect((await unpack()).files).toEqual(["README.md", "x", "Kitfile"]);
  });

  test("takes such a file also beside one that is named like its twin", async () => {
    const [a, twin] = [
      { name: "a", content: "same" },
      { name: "a.twin", content: "other" },
    ];
    await storeKit([{ bytes: archive(twin, a) }, { bytes: archive(a), type: "docs.v1.tar" }]);
    await unpack();
    expect((await readdir(out)).toSorted()).toEqual(["Kitfile", "a", "a.twin"]);
    expect(await readFile(join(out, "a.twin"), "utf8")).toBe("other");
  });
});

describe("unpacking refuses, and leaves nothing behind:", () => {
  test.each<[string, readonly Member[], string]>([
    ["a name with ..", [{ name: "../evil" }], "leads out"],
    ["a name with .. inside", [{ name: "a/../../evil" }], "leads out"],
    ["an absolute name", [{ name: "/tmp/evil" }], "is absolute"],
    ["a drive", [{ name: "C:/evil" }], "is absolute"],
    ["a symbolic link", [{ name: "a", type: "2" }], "a symbolic link"],
    ["a hard link", [{ name: "a", type: "1" }], "a hard link"],
    ["a device", [{ name: "a", type: "3" }], "a device"],
    ["a pipe", [{ name: "a", type: "6" }], "a pipe"],
    ["the same file twice", [{ name: "a" }, { name: "a" }], "there twice"],
    ["names that differ in case", [{ name: "Readme" }, { name: "README" }], "same file on some systems"],
    ["folders that differ in case", [{ name: "A/x" }, { name: "a/y" }], "same file on some systems"],
    ["names that differ in Unicode form", [{ name: "\u00e9" }, { name: "e\u0301" }], "same file on some systems"],
    ["a file that is a folder too", [{ name: "a" }, { name: "a/b" }], "both a file and a folder"],
    ["a Kitfile of its own", [{ name: "Kitfile", content: "x" }], "two layers have it"],
    ["an empty name", [{ name: "" }], "no name"],
    ["a file without a name of its own", [{ name: "." }], "no name"],
    ["a path that is too long", [{ name: "x/".repeat(2048) + "y" }], "too long"],
    ["a name that is too long", [{ name: `d/${"é".repeat(128)}` }], "too long"],
    ["a long name out of its folder", [{ name: `../${"x".repeat(200)}` }], "leads out"],
  ])("%s", async (_what, entries, message) => {
    await storeKit([{ bytes: archive({ name: "good" }, ...entries) }]);
    await expect(unpack()).rejects.toMatchObject({
      code: "KIT_INVALID",
      message: expect.stringContaining(message) as string,
    });
    await expectUntouched();
  });

  test("two layers with other bytes for one file", async () => {
    const layers = ["one", "two"].map((content) => ({ bytes: archive({ name: "a", content }) }));
    await storeKit(layers);
    await expect(unpack()).rejects.toMatchObject({ code: "KIT_INVALID" });
    await expectUntouched();
  });

  test("a layer that stops in the middle", async () => {
    await storeKit([{ bytes: archive({ name: "a", content: "x".repeat(2000) }).subarray(0, 1500) }]);
    await expect(unpack()).rejects.toMatchObject({ code: "KIT_INVALID" });
    await expectUntouched();
  });

  test("a raw layer that says to be outside", async () => {
    const annotations = { "org.cncf.model.filepath": "../evil" };
    await storeKit([{ bytes: Buffer.from("x"), type: "mcpb.v1.raw", annotations }]);
    await expect(unpack()).rejects.toMatchObject({ code: "KIT_INVALID" });
    await expectUntouched();
  });

  test("a layer that expands endlessly", async () => {
    const { zstdCompressSync } = await import("node:zlib");
    await storeKit([{ bytes: zstdCompressSync(Buffer.alloc(64 * 2 ** 20)), type: "code.v1.tar+zstd" }]);
    await expect(unpack()).rejects.toMatchObject({ code: "KIT_INVALID" });
    await expectUntouched();
  });
});

describe("damage in the store is found by unpack and verify:", () => {
  const damaged = async (damage: (path: string) => Promise<unknown>): Promise<void> => {
    const folder = await place.folder("tree", { ...smallKit, "model.gguf": randomBytes(2_500_000) });
    const { layers } = await pack(store, folder);
    await damage(store.blobPath(layers[0]?.digest ?? ""));
    await place.folder("out", { mine: "" });
    await expect(unpack()).rejects.toMatchObject({ code: "KIT_CORRUPT" });
    await expectUntouched("mine");
    await expect(verifyKit({ store, reference: "kit:1", signal: never })).rejects.toMatchObject({
      code: "KIT_CORRUPT",
    });
  };

  test("one bit of a file", () =>
    damaged(async (path) => {
      const bytes = await readFile(path);
      bytes[2_000_000] = (bytes[2_000_000] ?? 0) ^ 4;
      await writeFile(path, bytes);
    }));

  test("a missing end", () => damaged((path) => truncate(path, 2_000_000)));

  test("a blob that is gone", () =>
    damaged(async (path) => {
      const { rm } = await import("node:fs/promises");
      await rm(path);
    }));
});

test("damage in a layer that the Kitfile does not name is found too", async () => {
  const bytes = archive({ name: "a", content: "as it was" });
  await storeKit([{ bytes }]);
  const changed = archive({ name: "a", content: "as it is!" });
  await writeFile(store.blobPath(digestOf(bytes)), changed);
  await expect(unpack()).rejects.toMatchObject({ code: "KIT_CORRUPT" });
  await expectUntouched();
});

test.skipIf(process.getuid?.() === 0)("a folder that cannot be written is named", async () => {
  await pack(store, await place.folder("tree", smallKit));
  await mkdir(out);
  await chmod(out, 0o500);
  await expect(unpack()).rejects.toMatchObject({ code: "STORAGE_FAILED" });
});

test("verify counts what it read", async () => {
  await pack(store, await place.folder("tree", smallKit));
  expect(await verifyKit({ store, reference: "kit:1", signal: never })).toMatchObject({ blobs: 4 });
});
