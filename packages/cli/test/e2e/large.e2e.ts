import { once } from "node:events";
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { callTool, fakeOpenAiServer, say, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openChat } from "../support/chat.ts";
import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
  workspace = await temporaryWorkspace();
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const call = (name: string, args: Record<string, unknown>, cwd = workspace.path): Promise<Finished> =>
  trust(["tools", "call", name, JSON.stringify(args), "--yes"], { home, cwd });

describe("a workspace of 200,000 files", () => {
  const folders = 400;
  const filesEach = 500;

  beforeAll(async () => {
    for (let folder = 0; folder < folders; folder++) {
      const path = join(workspace.path, `part-${folder % 20}`, `module-${folder}`);
      mkdirSync(path, { recursive: true });
      for (let file = 0; file < filesEach; file++)
        writeFileSync(join(path, `file-${file}.ts`), `export const a = ${file};\n`);
      await setImmediate();
    }
    writeFileSync(join(workspace.path, "part-7", "needle-in-the-hay.ts"), "export const needle = 'the-one-needle';\n");
  }, 300_000);

  test("shows the chat, and @ completes a file deep in it", async () => {
    using chat = await openChat(home, workspace.path);
    chat.type("look at @needle-in");
    await chat.waitFor("part-7/needle-in-the-hay.ts", 30);
    chat.type("\t");
    await chat.waitFor("look at @part-7/needle-in-the-hay.ts");
  });

  test("is searched by name and by text", async () => {
    expect((await call("find_files", { pattern: "*needle*" })).stdout).toContain("part-7/needle-in-the-hay.ts");
    expect((await call("search_text", { pattern: "the-one-needle" })).stdout).toContain("part-7/needle-in-the-hay.ts");
    const { status, stdout } = await call("find_files", { pattern: "*.ts" });
    expect(stdout.split("\n").length).toBeLessThan(500);
    expect(status).toBe(0);
  });

  test("is listed in part, which is said", async () => {
    const { status, stdout } = await call("list_directory", { path: "part-0/module-0" });
    expect(stdout).toMatch(/more|of 500/);
    expect(status).toBe(0);
  });
});

describe("a file of 100 MB", () => {
  let small: TemporaryWorkspace;
  const lines = 2_000_000;

  beforeAll(async () => {
    small = await temporaryWorkspace();
    const file = createWriteStream(join(small.path, "huge.log"));
    for (let start = 0; start < lines; start += 10_000) {
      const part = Array.from({ length: 10_000 }, (_, index) => `line ${start + index + 1} ${"x".repeat(38)}\n`);
      if (!file.write(part.join(""))) await once(file, "drain");
    }
    file.end();
    await once(file, "close");
  }, 120_000);
  afterAll(() => small[Symbol.asyncDispose]());

  test("is read in the range that was asked for", async () => {
    const range = { path: "huge.log", from_line: 1_500_000, to_line: 1_500_002 };
    const { status, stdout } = await call("read_file", range, small.path);
    expect(stdout).toContain("line 1500001 xxx");
    expect(stdout).not.toContain("line 1500003");
    expect(status).toBe(0);
  });

  test("is not edited, and the reason is given", async () => {
    const { status, stdout } = await call(
      "edit_file",
      { path: "huge.log", old_text: "line 7 ", new_text: "" },
      small.path,
    );
    expect(stdout).toMatch(/huge\.log.*(MB|bytes|large)/);
    expect(status).toBe(1);
  });

  test("does not stop a turn that reads all of it", async () => {
    await using server = await fakeOpenAiServer([callTool("read_file", { path: "huge.log" }), say("That is much.")]);
    const { status, stdout } = await trust(["-p", "read it", "-m", server.url], { home, cwd: small.path });
    expect([status, stdout]).toEqual([0, "That is much.\n"]);
  });
});

describe("files that are not plain text", () => {
  test.each([
    ["NUL bytes", Buffer.from("text\u0000more\n"), "binary"],
    ["bytes that are not UTF-8", Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x62, 0x0a]), "UTF-8"],
  ])("are not edited when they hold %s", async (_, bytes, words) => {
    await using odd = await temporaryWorkspace();
    const file = join(odd.path, "odd.txt");
    writeFileSync(file, bytes);
    const { status, stdout } = await call("edit_file", { path: "odd.txt", old_text: "t", new_text: "x" }, odd.path);
    const second = await call("edit_file", { path: "odd.txt", old_text: "b", new_text: "x" }, odd.path);
    expect(stdout + second.stdout).toContain(words);
    expect([status, second.status]).toEqual([1, 1]);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("are read with replacement characters when they are not UTF-8", async () => {
    await using odd = await temporaryWorkspace();
    writeFileSync(join(odd.path, "odd.txt"), Buffer.from([0x61, 0xff, 0x0a]));
    expect((await call("read_file", { path: "odd.txt" }, odd.path)).stdout).toContain("a\uFFFD");
  });

  test("keep Windows line endings and a byte order mark", async () => {
    await using odd = await temporaryWorkspace({ "odd.txt": "\uFEFFone\r\ntwo\r\n" });
    const { status } = await call(
      "edit_file",
      { path: "odd.txt", old_text: "one\ntwo", new_text: "1\n2\n3" },
      odd.path,
    );
    expect(status).toBe(0);
    expect(await odd.read("odd.txt")).toBe("\uFEFF1\r\n2\r\n3\r\n");
  });
});
