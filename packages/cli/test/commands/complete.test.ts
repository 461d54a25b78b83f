import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { splitAt } from "../../src/commands/complete/cursor.ts";
import { buildProgram, type Finished, type Home, scratchHome, startTrust, trust } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
  workspace = await temporaryWorkspace({
    "area.ts": "function area(width, height) {\n  \n}\n// 🎉\n",
    "shapes.ts": "export interface Shape { width: number }\n",
    "windows.ts": "const a = 1;\r\nconst b = \r\n",
    "sub/empty.ts": "",
  });
  await workspace.write("image.png", "\u0089PNG\u0000\u0000");
  const atCursor = ["return width", " * height;", "\n}", "\n\nfunction", " volume() {"];
  await scriptedGguf(join(workspace.path, "code.gguf"), { replies: { first: ["chat"], atCursor } });
  const numbers = Array.from({ length: 60 }, (_, index) => `n${index}, `);
  const endless = { replies: { first: ["chat"], atCursor: numbers }, loop: true, contextLength: 16_384 };
  await scriptedGguf(join(workspace.path, "endless.gguf"), endless);
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const run = (args: readonly string[], input?: string): Promise<Finished> =>
  trust(["complete", "-m", "code.gguf", ...args], {
    home,
    cwd: workspace.path,
    ...(input === undefined ? {} : { input }),
  });

const lines = (stdout: string): unknown[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => parseUnknownJson(line, "stdout"));

describe("a cursor", () => {
  const text = "one\r\n🎉two\r\n";

  test.each([
    [{ line: 1, column: undefined }, "one"],
    [{ line: 1, column: 1 }, ""],
    [{ line: 2, column: 3 }, "one\r\n🎉"],
    [{ line: 2, column: undefined }, "one\r\n🎉two"],
    [{ line: 3, column: 1 }, "one\r\n🎉two\r\n"],
  ])("at %j divides the text", (cursor, prefix) => {
    expect(splitAt(text, "a.txt", cursor)).toEqual({ prefix, suffix: text.slice(prefix.length) });
  });
});

describe("trust complete", () => {
  test("prints what belongs at the cursor", async () => {
    const { status, stdout, stderr } = await run(["area.ts", "--line", "2", "--column", "3"]);
    expect([status, stdout, stderr]).toEqual([0, "return width * height;\n", ""]);
  });

  test("takes the line's end for the cursor, reads other files, and prints JSON", async () => {
    const { status, stdout } = await run(["windows.ts", "--line", "2", "--with", "shapes.ts", "--json"]);
    expect(status).toBe(0);
    expect(parseUnknownJson(stdout, "stdout")).toEqual({
      text: "return width * height;",
      reason: "stop",
      tokens: expect.any(Number) as number,
      reusedTokens: 0,
      milliseconds: expect.any(Number) as number,
    });
  });

  test("may begin in an empty file", async () => {
    expect((await run(["sub/empty.ts", "--line", "1"])).stdout).toBe("return width * height;\n");
  });

  test.each([
    [["area.ts", "--line", "9"], "Area.ts has 5 lines, so there is no line 9"],
    [["area.ts", "--line", "2", "--column", "4"], "Line 2 of area.ts ends at column 3, so there is no column 4"],
    [["area.ts", "--line", "4", "--column", "5"], "Column 5 is in the middle of a character"],
    [["area.ts", "--line", "0"], "it must be a whole number above 0"],
    [["area.ts"], "Name a file and the cursor's line"],
    [["nothing.ts", "--line", "1"], "nothing.ts is not there"],
    [["sub", "--line", "1"], "Sub is a folder"],
    [["image.png", "--line", "1"], "image.png is a binary file"],
    [["area.ts", "--line", "1", "--with", "sub"], "Sub is a folder"],
    [["area.ts", "--stdio"], "--stdio takes everything from the requests"],
    [["area.ts", "--line", "1", "-m", "nano"], "was not trained to write code at a cursor"],
    [["area.ts", "--line", "1", "-m", "ollama/nothing"], "the weights of ollama/nothing are with its server"],
  ])("refuses %j with a reason", async (args, reason) => {
    const { status, stdout, stderr } = await run(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr.toLowerCase()).toContain(reason.toLowerCase());
  });
});

const code = { path: "area.ts", prefix: "function area(width, height) {\n  ", suffix: "\n}\n" };

describe("trust complete --stdio", () => {
  test("answers each request, and knows the file the second time", async () => {
    const asked = [1, "two"].map((id) => JSON.stringify({ id, ...code, files: [{ path: "b.ts", text: "let b;" }] }));
    const program = startTrust(["complete", "-m", "code.gguf", "--stdio"], {
      home,
      cwd: workspace.path,
      input: `${asked[0]}\n`,
      keepsInputOpen: true,
    });
    await waitUntil("a reply", () => program.stdout().includes("\n"));
    program.child.stdin.end(`${asked[1]}\n`);
    const { status, stdout, stderr } = await program.finished;
    expect([status, stderr]).toEqual([0, ""]);
    const [first, second] = lines(stdout) as [{ reusedTokens: number }, { reusedTokens: number }];
    expect(first).toMatchObject({ id: 1, text: "return width * height;", reason: "stop", reusedTokens: 0 });
    expect(second).toMatchObject({ id: "two", text: "return width * height;", reason: "stop" });
    expect(second.reusedTokens).toBeGreaterThan(20);
  });

  test("answers what is no request with an error, and goes on", async () => {
    const wrong = ["no JSON", '{"id":1}', '{"id":2,"prefix":"","column":3}', '{"cancel":99}', ""];
    const { status, stdout } = await run(["--stdio"], `${[...wrong, JSON.stringify({ id: 3, ...code })].join("\n")}\n`);
    expect(status).toBe(0);
    expect(lines(stdout)).toEqual([
      { id: null, error: expect.objectContaining({ code: "INPUT_INVALID" }) as unknown },
      { id: 1, error: expect.objectContaining({ message: expect.stringContaining("prefix") as string }) as unknown },
      { id: 2, error: expect.objectContaining({ message: expect.stringContaining("column") as string }) as unknown },
      expect.objectContaining({ id: 3, text: "return width * height;" }),
    ]);
  });

  test("ends a request that is cancelled at once, and answers the next", async () => {
    const asked = [
      { id: 1, ...code, maxTokens: 8000 },
      { id: 1, ...code },
      { cancel: 1 },
      { id: 2, ...code, maxTokens: 2 },
    ];
    const { status, stdout } = await run(
      ["--stdio", "-m", "endless.gguf"],
      asked.map((one) => `${JSON.stringify(one)}\n`).join(""),
    );
    expect(status).toBe(0);
    const replies = lines(stdout);
    expect(replies).toContainEqual({ id: 1, error: expect.objectContaining({ code: "INPUT_INVALID" }) as unknown });
    expect(replies).toContainEqual(expect.objectContaining({ id: 1, reason: "abort" }));
    expect(replies.at(-1)).toMatchObject({ id: 2, text: "n0, n1, ", reason: "length" });
  });

  test("leaves with status 130 on Ctrl-C", async () => {
    const program = startTrust(["complete", "-m", "endless.gguf", "--stdio"], {
      home,
      cwd: workspace.path,
      input: `${JSON.stringify({ id: 1, ...code, maxTokens: 2 })}\n`,
      keepsInputOpen: true,
    });
    await waitUntil("a reply", () => program.stdout().includes("\n"));
    program.child.kill("SIGINT");
    expect((await program.finished).status).toBe(130);
  });

  test("refuses a model without infill tokens before it is asked anything", async () => {
    const { status, stdout, stderr } = await run(["--stdio", "-m", "nano"], "");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Qwen Coder");
  });
});
