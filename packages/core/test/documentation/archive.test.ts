import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { afterEach, beforeEach, expect, test } from "vitest";

import { Documentation } from "../../src/documentation/index.ts";
import { type TemporaryWorkspace, temporaryWorkspace } from "../../src/testing/index.ts";

interface Entry {
  name: string;
  body?: string;
  type?: string;
  link?: string;
  size?: number;
}

const nul = "\u0000";

/** A header as tar writes it, also where no program would. */
function header({ name, body = "", type = "0", link = "", size = Buffer.byteLength(body) }: Entry): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write(["0000644", "0000000", "0000000", ""].join(nul), 100);
  block.write(`${size.toString(8).padStart(11, "0")}${nul}`, 124);
  block.write(`00000000000${nul}        `, 136);
  block.write(type, 156);
  block.write(link, 157);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}${nul} `, 148);
  return block;
}

function archive(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const body = Buffer.from(entry.body ?? "");
    return [header(entry), body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

let workspace: TemporaryWorkspace;
let docs: Documentation;
beforeEach(async () => {
  workspace = await temporaryWorkspace();
  docs = new Documentation({ file: join(workspace.path, "docs.db"), place: { root: workspace.path, environment: {} } });
});
afterEach(async () => {
  docs[Symbol.dispose]();
  await workspace[Symbol.asyncDispose]();
});

const { signal } = new AbortController();
const add = (name: string, bytes: Buffer) => {
  writeFileSync(join(workspace.path, name), bytes);
  return docs.add(name, { signal });
};

test.each(["book.tar", "book.tgz", "book.tar.gz"])("%s is read without being unpacked to disk", async (name) => {
  const bytes = archive([
    { name: "./book/", type: "5" },
    { name: "book/b.md", body: "# Second\n\nDeep text.\n" },
    { name: "book/a.html", body: "<h1>First</h1>Some text." },
    { name: "book/program.js", body: "not read" },
  ]);
  expect(await add(name, name.endsWith(".tar") ? bytes : gzipSync(bytes))).toMatchObject({
    name: "book",
    files: 2,
    notes: [],
  });
  expect(docs.search("text").map(({ path, heading }) => [path, heading])).toEqual([
    ["book/a.html", "First"],
    ["book/b.md", "Second"],
  ]);
});

test("links, devices and paths that lead out of an archive are left out and said", async () => {
  const bytes = archive([
    { name: "good.md", body: "# Good\n" },
    { name: "../outside.md", body: "# Outside\n" },
    { name: "/etc/absolute.md", body: "# Absolute\n" },
    { name: "a/../../b.md", body: "# Up\n" },
    { name: "C:\\windows.md", body: "# Windows\n" },
    { name: "link.md", type: "2", link: "/etc/passwd" },
    { name: "hard.md", type: "1", link: "good.md" },
    { name: "pipe.md", type: "6" },
    { name: ".ssh/config.md", body: "# Secret\n" },
  ]);
  const { files, notes } = await add("hostile.tar", bytes);
  expect(files).toBe(1);
  expect(notes).toEqual(["7 links, devices and unsafe paths of the archive were left out"]);
});

test("a file that is too large is left out, and one that unpacks without end is refused", async () => {
  const bytes = archive([
    { name: "a.md", body: "# A\n" },
    { name: "big.md", body: randomBytes(4_100_000).toString("hex") },
  ]);
  expect((await add("large.tgz", gzipSync(bytes))).notes).toEqual(["big.md is too large and was left out"]);
  const zeros = gzipSync(Buffer.alloc(20_000_000));
  const bomb = Buffer.concat([
    gzipSync(header({ name: "a.bin", size: 1_200_000_000 })),
    ...Array<Buffer>(60).fill(zeros),
  ]);
  await expect(add("bomb.tgz", bomb)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  expect((await add("word.tgz", gzipSync(archive([{ name: "a.md", body: "x".repeat(7_000_000) }])))).files).toBe(1);
  const endless = Buffer.concat([header({ name: "endless.bin", size: 8_000_000_000 }), Buffer.alloc(1000)]);
  await expect(add("endless.tar", endless)).rejects.toMatchObject({ code: "INPUT_INVALID" });
});

test.each([
  ["no archive", Buffer.from("this is no archive, only text\n".repeat(100))],
  ["a broken one", gzipSync(archive([{ name: "a.md", body: "# A\n" }])).subarray(0, 60)],
  ["an empty one", Buffer.alloc(0)],
])("%s is an error in words", async (_name, bytes) => {
  await expect(add("x.tgz", bytes)).rejects.toMatchObject({ code: "INPUT_INVALID" });
  expect(docs.list()).toEqual([]);
});
