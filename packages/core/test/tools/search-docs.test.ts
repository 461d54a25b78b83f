import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { Documentation } from "../../src/documentation/index.ts";
import { type TemporaryWorkspace, temporaryWorkspace } from "../../src/testing/index.ts";
import { defaultLimits, type ToolLimits } from "../../src/tools/limits.ts";
import { searchDocsTool } from "../../src/tools/search-docs.ts";

let workspace: TemporaryWorkspace;
let docs: Documentation;
beforeAll(async () => {
  const chapters = Array.from(
    { length: 12 },
    (_, index) => `## Chapter ${index}\n\nAbout widgets${" and more".repeat(60)}.\n`,
  );
  workspace = await temporaryWorkspace({
    "book.md": `# Book\n\n${chapters.join("\n")}`,
    "other.md": "# Other\n\nOn gadgets.\n",
  });
  docs = new Documentation({ file: join(workspace.path, "docs.db"), place: { root: workspace.path, environment: {} } });
});
afterAll(async () => {
  docs[Symbol.dispose]();
  await workspace[Symbol.asyncDispose]();
});

async function call(input: { query: string; source?: string }, limits: Partial<ToolLimits> = {}): Promise<string> {
  const tool = searchDocsTool({ limits: { ...defaultLimits, ...limits } }, { open: () => Promise.resolve(docs) });
  const prepared = await tool.prepare(input, new AbortController().signal);
  if (!prepared.ok) throw prepared.error;
  return (await prepared.value.run(new AbortController().signal, () => undefined)).text;
}

test("without documentation it says how to add some, and with it shows path, heading and text", async () => {
  expect(await call({ query: "widgets" })).toContain("trust docs add package:NAME");
  const { signal } = new AbortController();
  await docs.add("book.md", { signal });
  await docs.add("other.md", { name: "other", signal });
  expect(await call({ query: "gadgets" })).toBe("other: other.md:1  Other\nOn gadgets.");
});

test("stays within the limits of a result, and names what did not fit so that it can be asked for", async () => {
  const text = await call({ query: "widgets" }, { resultBytes: 3000, resultLines: 40 });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3000);
  expect(text).toMatch(
    /\.\.\. \d+ more sections\. To see one: search_docs with its heading as the query\n {2}Book > Chapter/,
  );
  expect(text).not.toContain("of this section");
  const named = / {2}(Book > Chapter \d+)$/.exec(text)?.[1] ?? "";
  expect(await call({ query: named }, { resultBytes: 3000 })).toMatch(
    new RegExp(`^book.md: book.md:\\d+ {2}${named}\n`),
  );
});

test("shows at least the beginning of the best section, however narrow the limits are", async () => {
  const text = await call({ query: "widgets" }, { resultBytes: 1100, resultLines: 10, lineColumns: 80 });
  expect(text).toContain("About widgets");
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1100);
});

test("says when nothing fits, and when a source is not there", async () => {
  expect(await call({ query: "zeppelin" })).toBe("no documentation has these words; there is: book.md, other");
  expect(await call({ query: "gadgets", source: "othr" })).toContain(
    '(there is no source "othr": all were searched)\nother: ',
  );
});
