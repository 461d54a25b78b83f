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
    "src/cart.ts":
      "import { priceOf } from './price.ts';\n\nexport function totalOf(items: string[]): number {\n  return items.reduce((sum, item) => sum + priceOf(item), 0);\n}\n",
    "src/price.ts":
      "/** In cents. */\nexport function priceOf(item: string): number {\n  return item.length * 100;\n}\n",
    "tools/report.py": "class Report:\n    def write_lines(self, rows):\n        return rows\n",
    "README.md": "# Shop\n",
  });
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

const run = (...args: string[]): Promise<Finished> => trust(args, { home, cwd: workspace.path });
const call = async (name: string, args: Record<string, unknown>, ...flags: string[]): Promise<string> =>
  (await run("tools", "call", name, JSON.stringify(args), ...flags)).stdout;

describe("the code of a workspace", () => {
  test("is mapped within a budget, the same each time", async () => {
    const first = await run("map", "what", "does", "an", "item", "cost", "--budget", "60");
    expect(first.stdout).toContain("src/price.ts\n  export function priceOf(item: string): number");
    expect((await run("map", "what does an item cost", "--budget", "60")).stdout).toBe(first.stdout);
    const { tokens, files } = parseUnknownJson((await run("map", "--budget", "30", "--json")).stdout, "stdout") as {
      tokens: number;
      files: unknown[];
    };
    expect(tokens).toBeLessThanOrEqual(30);
    expect(files.length).toBeGreaterThan(0);
  });

  test("is searched by words, and an edit is seen at once", async () => {
    expect(await call("search_code", { query: "total of items" })).toContain(
      "src/cart.ts\n  3: export function totalOf",
    );
    await call("write_file", { path: "src/tax.ts", content: "export const valueAddedTax = 0.19;\n" }, "--yes");
    expect((await run("index", "search", "value", "added", "tax")).stdout).toContain("src/tax.ts\n  1: ");
    expect(parseUnknownJson((await run("index", "status", "--json")).stdout, "stdout")).toMatchObject({
      isComplete: true,
      files: 5,
    });
  });

  test("is found by its symbols", async () => {
    expect(await call("find_symbol", { name: "priceOf" })).toBe(
      "src/price.ts:2  export function priceOf(item: string): number\n",
    );
    expect(await call("find_symbol", { name: "prizeOf" })).toContain(
      "nothing is called prizeOf; like it:\nsrc/price.ts:2",
    );
    expect(await call("find_symbol", { name: "Report.write_lines" })).toContain("tools/report.py:2");
    expect(await call("find_references", { name: "priceOf" })).toContain("src/cart.ts: 4  (imports it)");
    expect(await call("outline", { path: "tools/report.py" })).toMatch(
      /1-3 {2}class Report.*\n.*2-3 {4}def write_lines/,
    );
    expect(await call("outline", { path: "README.md" })).toContain("defines nothing");
  });

  test("is forgotten when the person wants it, and read anew when it is used", async () => {
    expect((await run("index", "drop")).stdout).toBe("The index is empty.\n");
    expect((await run("index", "status")).stdout).toContain("0 files");
    expect((await run("index", "build")).stdout).toMatch(/^\d read, 0 gone; \d files/);
  });
});

test("a change that breaks the syntax says so in its result, and one that leaves it broken does not again", async () => {
  const broken = await call("write_file", { path: "src/broken.ts", content: "function x( {\n" }, "--yes");
  expect(broken).toMatch(/new problems in src\/broken\.ts:\nline 1: /);
  const again = await call("edit_file", { path: "src/broken.ts", old_text: "x(", new_text: "y(" }, "--yes");
  expect(again).not.toContain("new problems");
});
