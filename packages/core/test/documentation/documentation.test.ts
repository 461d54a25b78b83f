import { closeSync, existsSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { Documentation } from "../../src/documentation/index.ts";
import { type TemporaryWorkspace, temporaryWorkspace } from "../../src/testing/index.ts";

let workspace: TemporaryWorkspace;
let data: TemporaryWorkspace;
beforeEach(async () => {
  workspace = await temporaryWorkspace({
    "guide/index.md": "# Guide\n\nHow to begin.\n\n## Routing\n\n### Wildcards\n\nA star matches every path.\n",
    "guide/api.d.ts":
      "/** Matches a path. */\nexport declare function matchPath(path: string): boolean;\nexport interface Route { path: string }\n",
    "guide/node_modules/other/readme.md": "# Wildcards of others\n",
    "guide/.hidden/readme.md": "# Wildcards that are hidden\n",
    "guide/credentials.json": "{}",
  });
  data = await temporaryWorkspace();
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

const file = (): string => join(data.path, "docs.db");
const open = (): Documentation =>
  new Documentation({ file: file(), place: { root: workspace.path, environment: { HOME: data.path } } });
const never = new AbortController().signal;

describe("a folder that was added", () => {
  test("is found by path, heading and text, without what is hidden or of others", async () => {
    using docs = open();
    expect(await docs.add("guide", { signal: never })).toMatchObject({
      name: "guide",
      files: 2,
      sections: 4,
      read: 2,
      notes: [],
    });
    const [first, ...others] = docs.search("wildcard paths");
    expect(first).toMatchObject({
      source: "guide",
      path: "index.md",
      heading: "Guide > Routing > Wildcards",
      line: 7,
      excerpt: "A star matches every path.",
    });
    expect(others.map(({ heading }) => heading)).not.toContain("Wildcards of others");
  });

  test("is found by the exact name of a symbol first, and by its heading", async () => {
    await workspace.write("guide/path.md", "# matchPath matchPath\n\nmatchPath match path matchPath.\n");
    using docs = open();
    await docs.add("guide", { signal: never });
    expect(docs.search("matchPath")[0]?.heading).toBe("matchPath");
    expect(docs.search("how does router.matchPath() work")[0]?.heading).toBe("matchPath");
    expect(docs.search("guide > routing > wildcards")[0]?.heading).toBe("Guide > Routing > Wildcards");
  });

  test("is read again only where it changed", async () => {
    using docs = open();
    await docs.add("guide", { signal: never });
    expect(await docs.add("guide", { signal: never })).toMatchObject({ files: 2, read: 0, removed: 0 });
    await workspace.write("guide/index.md", "# Guide\n\nOnly globs now.\n");
    writeFileSync(join(workspace.path, "guide", "new.md"), "# New\n");
    expect(await docs.add("guide", { signal: never })).toMatchObject({ files: 3, read: 2, removed: 0 });
    expect(docs.search("wildcards")).toEqual([]);
    expect(docs.search("globs")).toHaveLength(1);
  });

  test("is forgotten with all that it held, and with the last one the database goes", async () => {
    using docs = open();
    await docs.add("guide", { signal: never });
    await docs.add("guide/index.md", { name: "start", signal: never });
    expect(docs.search("wildcards", { source: "start" })).toHaveLength(1);
    docs.remove("guide");
    expect(docs.search("boolean")).toEqual([]);
    docs.remove("start");
    expect(docs.list()).toEqual([]);
    expect(existsSync(file())).toBe(false);
  });
});

describe("what goes wrong", () => {
  test("an add that is interrupted leaves the old state", async () => {
    using docs = open();
    await docs.add("guide", { signal: never });
    await workspace.write("guide/index.md", "# Changed\n");
    await expect(docs.add("guide", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(docs.search("wildcards")).not.toEqual([]);
    expect(await docs.add("guide", { signal: never })).toMatchObject({ read: 1 });
  });

  test("an add that fails for the first time leaves nothing", async () => {
    await workspace.write("empty/data.json", "{}");
    using docs = open();
    await expect(docs.add("empty", { signal: never })).rejects.toThrow("there is no documentation in");
    await expect(docs.add("nowhere", { signal: never })).rejects.toThrow("there is no file or folder nowhere");
    await expect(docs.add("package:", { signal: never })).rejects.toThrow("package: names nothing");
    expect(existsSync(file())).toBe(false);
  });

  test("a name is of one source", async () => {
    await workspace.write("more/guide/a.md", "# Other\n");
    using docs = open();
    await docs.add("guide", { signal: never });
    await expect(docs.add("more/guide", { signal: never })).rejects.toMatchObject({
      message: expect.stringContaining("guide is the name of"),
      hint: "give this one another name: --name NAME",
    });
  });

  test("an unknown name is answered with those that there are", async () => {
    using docs = open();
    expect(() => docs.remove("guide")).toThrow("none were added");
    await docs.add("guide", { signal: never });
    expect(() => docs.search("x", { source: "giude" })).toThrow(expect.objectContaining({ hint: "there are: guide" }));
  });

  test("a damaged database is set aside and named, and a new one begun", async () => {
    {
      using docs = open();
      await docs.add("guide", { signal: never });
    }
    const descriptor = openSync(file(), "r+");
    for (let at = 0; at < statSync(file()).size; at += 4096)
      writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, at);
    closeSync(descriptor);
    using docs = open();
    expect(docs.search("wildcards")).toEqual([]);
    const aside = readdirSync(data.path).find((name) => name.startsWith("docs.db.damaged-"));
    expect(docs.notice).toContain(aside);
    expect(await docs.add("guide", { signal: never })).toMatchObject({ files: 2 });
  });

  test("files that are too large and sections that are too many are said", async () => {
    await workspace.write("large/big.md", "x ".repeat(4_000_001));
    await workspace.write("large/many.md", "# a\n".repeat(100_001));
    await workspace.write("large/z.md", "# last\n");
    using docs = open();
    const { sections, notes } = await docs.add("large", { signal: never });
    expect(sections).toBe(100_000);
    expect(notes).toEqual([
      "left out, since they cannot be read or are larger than 8 MB: big.md",
      "2 files were left out: a source ends at 200 MB or 100000 sections. Add a part of it instead",
    ]);
  });
});
