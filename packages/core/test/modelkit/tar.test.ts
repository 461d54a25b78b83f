import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { type TarEntry, tarHeader } from "../../src/modelkit/tar/header.ts";
import { type TarEvent, TarReader } from "../../src/modelkit/tar/read.ts";
import { type SourceEntry, tarChunks } from "../../src/modelkit/tar/write.ts";
import { never, scratch } from "./scratch.ts";

const fixtures = join(import.meta.dirname, "fixtures", "tar");
const long = `${"d".repeat(60)}/${"f".repeat(90)}`;
const veryLong = `${"p/".repeat(140)}${"q".repeat(101)}`;

describe("a header is what Go's archive/tar writes", () => {
  test.each<[string, TarEntry]>([
    ["file", { name: "model.gguf", mode: 0o644, size: 5, isFolder: false }],
    ["dir", { name: "models", mode: 0o755, size: 0, isFolder: true }],
    ["exec", { name: "bin/run.sh", mode: 0o755, size: 3, isFolder: false }],
    ["prefix", { name: long, mode: 0o644, size: 4, isFolder: false }],
    ["long-nosplit", { name: "x".repeat(120), mode: 0o600, size: 4, isFolder: false }],
    ["vlong", { name: veryLong, mode: 0o644, size: 1, isFolder: false }],
    ["unicode", { name: "modèle/é.txt", mode: 0o644, size: 2, isFolder: false }],
    ["big", { name: "big.gguf", mode: 0o644, size: 9 * 2 ** 30, isFolder: false }],
    ["empty", { name: "empty", mode: 0o644, size: 0, isFolder: false }],
  ])("for %s", async (name, entry) => {
    const golden = await readFile(join(fixtures, `${name}.hdr`));
    expect(tarHeader(entry).toString("latin1")).toBe(golden.toString("latin1"));
  });
});

async function archiveOf(entries: readonly SourceEntry[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of tarChunks(entries, never, () => undefined)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function readAll(archive: Buffer, sizes: readonly number[]): { entry: TarEntry; bytes: string }[] {
  const reader = new TarReader("sha256:test");
  const found: { entry: TarEntry; bytes: string }[] = [];
  const take = (event: TarEvent): void => {
    if (event.type === "entry") found.push({ entry: event.entry, bytes: "" });
    const last = found.at(-1);
    if (event.type === "data" && last !== undefined) last.bytes += event.bytes.toString("latin1");
  };
  for (let at = 0, turn = 0; at < archive.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 512;
    for (const event of reader.push(Buffer.from(archive.subarray(at, at + size)))) take(event);
    at += size;
  }
  reader.finish();
  return found;
}

const segment = fc.oneof(
  fc.stringMatching(/^[a-z0-9_]{1,12}$/),
  fc.stringMatching(/^[a-z]{90,120}$/),
  fc.constantFrom("é", "日本語", "😀", "a b", "-x", "ü".repeat(60)),
);
const fileName = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const files = fc.uniqueArray(fc.record({ name: fileName, content: fc.uint8Array({ maxLength: 3000 }) }), {
  selector: ({ name }) => name,
  minLength: 1,
  maxLength: 4,
});

describe("an archive of any names and contents", () => {
  test("is read by the system's tar, and by our own reader in pieces of any size", async () => {
    await using place = await scratch();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(files, fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }), async (tree, sizes) => {
        const folder = join(place.path, String(run++));
        const names = tree.map(({ name }) => name);
        fc.pre(!names.some((name) => names.some((other) => other.startsWith(`${name}/`))));
        const entries: SourceEntry[] = [];
        for (const { name, content } of tree) {
          const source = join(folder, "in", name);
          await mkdir(dirname(source), { recursive: true });
          await writeFile(source, content);
          await chmod(source, 0o640);
          entries.push({ name, source, mode: 0o640, size: content.length, isFolder: false });
        }
        const archive = await archiveOf(entries);
        const found = readAll(archive, sizes);
        expect(found.map(({ entry: { name, mode, size } }) => ({ name, mode, size }))).toEqual(
          entries.map(({ name, mode, size }) => ({ name, mode, size })),
        );
        expect(found.map(({ bytes }) => bytes)).toEqual(
          tree.map(({ content }) => Buffer.from(content).toString("latin1")),
        );
        const out = join(folder, "out");
        await mkdir(out);
        execFileSync("tar", ["-xf", "-", "-C", out, "--no-same-owner"], { input: archive });
        for (const { name, content } of tree) {
          expect(await readFile(join(out, name))).toEqual(Buffer.from(content));
          expect((await stat(join(out, name))).mode & 0o777).toBe(0o640);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("of a folder is listed by the system's tar with its owner and time", async () => {
    await using place = await scratch();
    const source = join(place.path, "file");
    await writeFile(source, "x");
    const archive = await archiveOf([
      { name: "folder", source: place.path, mode: 0o755, size: 0, isFolder: true },
      { name: "folder/file", source, mode: 0o755, size: 1, isFolder: false },
    ]);
    const listing = execFileSync("tar", ["-tvf", "-", "--numeric-owner", "--utc"], { input: archive }).toString();
    expect(listing).toMatch(
      /^drwxr-xr-x 1000\/0 +0 1970-01-01 00:00 folder\n-rwxr-xr-x 1000\/0 +1 1970-01-01 00:00 folder\/file\n$/,
    );
    expect(await readdir(place.path)).toEqual(["file"]);
  });

  test("is refused when a file became shorter while it was packed", async () => {
    await using place = await scratch();
    const source = join(place.path, "file");
    await writeFile(source, "short");
    const archiving = archiveOf([{ name: "file", source, mode: 0o644, size: 10, isFolder: false }]);
    await expect(archiving).rejects.toMatchObject({ code: "KIT_INVALID" });
  });
});

describe("the reader refuses", () => {
  const file = { name: "a", mode: 0o644, size: 3, isFolder: false };
  const ending = Buffer.alloc(1024);
  const whole = Buffer.concat([tarHeader(file), Buffer.from("abc".padEnd(512, "\0")), ending]);

  test.each([511, 513, 700, 1024, 1100, 1536, 2047])("an archive that ends after %i bytes", (length) => {
    expect(() => readAll(whole.subarray(0, length), [512])).toThrow("it ends in the middle");
  });

  test("a header with a flipped bit", () => {
    const broken = Buffer.from(whole);
    broken[0] = (broken[0] ?? 0) ^ 1;
    expect(() => readAll(broken, [512])).toThrow("wrong checksum");
  });

  test.each(["0x3", "", "3 ", "-1", "1e0"])("an extended size of %j", (size) => {
    const rest = ` size=${size}\n`;
    const record = `${rest.length + (rest.length < 9 ? 1 : 2)}${rest}`;
    const extended = tarHeader({ ...file, size: record.length });
    extended.write("x", 156);
    extended.fill(" ", 148, 156);
    const sum = extended.reduce((total, byte) => total + byte, 0);
    extended.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const archive = Buffer.concat([extended, Buffer.from(record.padEnd(512, "\0")), whole]);
    expect(() => readAll(archive, [512])).toThrow("an impossible size");
  });

  test("anything after the end", () => {
    expect(() => readAll(Buffer.concat([whole, whole]), [512])).toThrow("something follows its end");
  });

  test("random bytes, without ever crashing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (bytes) => {
        expect(() => readAll(Buffer.from(bytes), [700])).toThrow(/no archive that is safe/);
      }),
    );
  });
});
