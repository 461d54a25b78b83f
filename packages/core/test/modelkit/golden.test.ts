import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inflateSync } from "node:zlib";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";

import { packKit, parseReferences, unpackKit } from "../../src/modelkit/index.ts";
import { parseJson } from "../../src/protocol/json.ts";
import { never, scratch, type Scratch } from "./scratch.ts";

const Golden = z.array(
  z.object({
    name: z.string(),
    kitfile: z.string(),
    ignore: z.string().nullable(),
    files: z.array(z.object({ path: z.string(), text: z.string(), mode: z.string() })),
    results: z.array(
      z.object({
        compression: z.enum(["none", "gzip"]),
        manifestDigest: z.string(),
        manifest: z.string(),
        config: z.string(),
        layers: z.array(z.object({ digest: z.string(), size: z.number(), tarDeflateBase64: z.string().optional() })),
      }),
    ),
  }),
);
const file = join(import.meta.dirname, "fixtures", "kit-golden.json");
const golden = parseJson(await readFile(file, "utf8"), Golden, file);

let place: Scratch;
let umask: number;
beforeEach(async () => {
  umask = process.umask(0o022);
  place = await scratch();
});
afterEach(async () => {
  process.umask(umask);
  await place[Symbol.asyncDispose]();
});

const withoutStoredDigests = (config: string): string =>
  config.replaceAll(/"digest":"sha256:[0-9a-f]+"/g, '"digest":""');

describe.each(golden)("the kit $name, packed by kit 1.7", ({ kitfile, ignore, files, results }) => {
  const tree = async (): Promise<string> => {
    const contents = Object.fromEntries(files.map(({ path, text }) => [path, text]));
    const modes = Object.fromEntries(files.map(({ path, mode }) => [path, Number.parseInt(mode, 8)]));
    const extra = ignore === null ? {} : { ".kitignore": ignore };
    return place.folder("tree", { ...contents, ...extra, Kitfile: kitfile }, modes);
  };

  test.each(results.filter(({ compression }) => compression === "none"))(
    "is the same byte for byte",
    async (expected) => {
      const store = await place.store();
      const packed = await packKit({ store, folder: await tree(), references: parseReferences("x:1"), signal: never });
      const { descriptor, manifest } = await store.read("x:1");
      for (const [index, { digest, size, tarDeflateBase64 = "" }] of expected.layers.entries()) {
        expect(manifest.layers[index]).toMatchObject({ size });
        const bytes = await readFile(store.blobPath(manifest.layers[index]?.digest ?? ""));
        expect(bytes.equals(inflateSync(Buffer.from(tarDeflateBase64, "base64")))).toBe(true);
        expect(manifest.layers[index]?.digest).toBe(digest);
      }
      expect(await readFile(store.blobPath(manifest.config.digest), "utf8")).toBe(expected.config);
      expect(await readFile(store.blobPath(descriptor.digest), "utf8")).toBe(expected.manifest);
      expect(packed.digest).toBe(expected.manifestDigest);
    },
  );

  test.each(results.filter(({ compression }) => compression === "gzip"))(
    "holds the same when compressed",
    async (expected) => {
      const store = await place.store();
      const options = { store, folder: await tree(), references: parseReferences("x:1"), signal: never };
      await packKit({ ...options, compression: "gzip" });
      const { manifest } = await store.read("x:1");
      const config = await readFile(store.blobPath(manifest.config.digest), "utf8");
      expect(withoutStoredDigests(config)).toBe(withoutStoredDigests(expected.config));
      expect(manifest.layers.every(({ mediaType }) => mediaType.endsWith(".tar+gzip"))).toBe(true);
    },
  );

  test("comes out of the kit as it went in", async () => {
    const store = await place.store();
    await packKit({
      store,
      folder: await tree(),
      references: parseReferences("x:1"),
      compression: "gzip",
      signal: never,
    });
    const folder = join(place.path, "out");
    const unpacked = await unpackKit({ store, reference: "x:1", folder, filters: [], signal: never });
    for (const { path, text } of files) {
      if (unpacked.files.includes(path)) expect(await readFile(join(folder, path), "utf8")).toBe(text);
      else expect(ignore).not.toBe(null);
    }
    const again = await packKit({ store, folder, references: parseReferences("y:1"), signal: never });
    const [plain] = results.filter(({ compression }) => compression === "none");
    expect(again.layers.map(({ digest }) => digest)).toEqual(plain?.layers.map(({ digest }) => digest));
  });
});
