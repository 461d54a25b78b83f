import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
  workspace = await temporaryWorkspace({
    "handbook/guide.md": "# Guide\n\n## Deploying\n\nPush the \u001b[31mred\u001b[0m button\u0007.\n",
    "node_modules/cart/package.json": '{"name":"cart","version":"3.1.0"}',
    "node_modules/cart/README.md": "# cart\n\nCounts what people buy.\n",
    "node_modules/cart/index.d.ts":
      "/** Adds prices, in cents. */\nexport declare function total(items: string[]): number;\n",
  });
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<Finished> => trust(args, { home, cwd: workspace.path });
const offered = async (): Promise<string> => (await run("tools", "list", "--json")).stdout;

describe("documentation", () => {
  test("is said to be missing before any is added, and costs no tool", async () => {
    expect((await run("docs", "list")).stdout).toBe(
      "No documentation was added. Add some: trust docs add package:NAME\n",
    );
    expect((await run("docs", "search", "x")).stdout).toContain("trust docs add package:NAME");
    expect(await offered()).not.toContain("search_docs");
  });

  test("is added from packages and folders, listed, searched and given to models", async () => {
    const added = await run("docs", "add", "package:cart", "handbook");
    expect(added).toMatchObject({ status: 0, stderr: "" });
    expect(added.stdout).toMatch(
      /^cart: 2 files with 2 sections \(2 read, 0 gone\) from npm cart 3\.1\.0, .*\nhandbook: 1 files/,
    );
    expect((await run("docs", "list")).stdout).toMatch(/^cart +2 sections .*\nhandbook +1 sections /);
    const found = await run("docs", "search", "add", "prices");
    expect(found.stdout).toMatch(/^cart: index\.d\.ts:2 {2}total\n {2}/);
    const hits = parseUnknownJson((await run("docs", "search", "total", "--limit", "1", "--json")).stdout, "stdout");
    expect(hits).toMatchObject([{ source: "cart", heading: "total", text: expect.stringContaining("in cents") }]);
    expect(await offered()).toContain("search_docs");
    const call = await run("tools", "call", "search_docs", '{"query": "prices in cents"}');
    expect(call.stdout).toContain("cart: index.d.ts:2  total\nexport declare function total(items: string[]): number");
  });

  test("cannot repaint the terminal", async () => {
    const { stdout } = await run("docs", "search", "button", "--source", "handbook");
    expect(stdout).toBe("handbook: guide.md:3  Guide > Deploying\n  Push the red button.\n");
  });

  test("is forgotten by its name", async () => {
    expect((await run("docs", "remove", "cart")).stdout).toBe("cart is forgotten.\n");
    expect((await run("docs", "search", "prices")).stdout).toBe("Nothing in the documentation has these words.\n");
  });
});

describe("bad input", () => {
  test("an unknown package says where it looked and what is called alike", async () => {
    const { status, stderr } = await run("docs", "add", "package:cartt");
    expect(status).toBe(2);
    expect(stderr).toContain("No package cartt lies on this machine: looked in ");
    expect(stderr).toContain(`${join(workspace.path, "node_modules")} (npm)`);
    expect(stderr).toContain("did you mean package:npm/cart?");
  });

  test.each([
    [["add", "nowhere"], "There is no file or folder"],
    [["add", ""], "An empty name is no source"],
    [["add", "man:"], "man: names nothing"],
    [["add", "handbook", "package:cart", "--name", "x"], "--name fits one source"],
    [["remove", "cart"], "No documents are called cart"],
    [["search", "x", "--source", "hand"], "there are: handbook"],
    [["search", "x", "--limit", "0"], "it must be a whole number above 0"],
  ])("%j is refused with the reason", async (args, reason) => {
    const { status, stderr } = await run("docs", ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(reason);
  });

  test("a damaged database is set aside and named, and nothing else stops", async () => {
    writeFileSync(join(home.folder, "data", "docs.db"), "this is no database".repeat(1000));
    const { status, stdout, stderr } = await run("docs", "list");
    expect(status).toBe(0);
    expect(stdout).toContain("No documentation was added");
    expect(stderr).toContain("docs.db.damaged-");
    expect((await run("docs", "add", "handbook")).status).toBe(0);
  });
});
