import { mkdir, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";

import { createGrounding } from "../../src/grounding/index.ts";
import type { GroundSource, Tool } from "../../src/ports/index.ts";
import { ok, type Candidates, type Message, type ToolCall } from "../../src/protocol/index.ts";
import { temporaryJournal, temporaryWorkspace } from "../../src/testing/index.ts";
import { builtInTools, createEditFailures, createReadLedger, defaultLimits } from "../../src/tools/index.ts";
import { openWorkspace } from "../../src/workspace/index.ts";

const never = (): AbortSignal => new AbortController().signal;
const user = (text: string): Message => ({ role: "user", text });
const call = (name: string, args: Record<string, unknown>): ToolCall => ({
  id: "c1",
  name,
  args,
  raw: "",
  via: "native",
  repairs: [],
});
const called = (name: string, args: Record<string, unknown>, text: string): Message[] => [
  { role: "assistant", text: "", calls: [call(name, args)] },
  { role: "tool", callId: "c1", name, status: "ok", text, summary: "" },
];

const files = (...paths: string[]): Record<string, string> => Object.fromEntries(paths.map((path) => [path, "x\n"]));
const many = (count: number, folder = "lib"): Record<string, string> =>
  files(...Array.from({ length: count }, (_, index) => `${folder}/deep/down/unit-${index}.ts`));

async function bench(content: Record<string, string>) {
  const temporary = await temporaryWorkspace(content);
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  const workspace = await openWorkspace(temporary.path);
  const tools = builtInTools({
    workspace,
    changes: temporaryJournal(workspace),
    ledger: createReadLedger(),
    failures: createEditFailures(),
    limits: defaultLimits,
  });
  const grounding = createGrounding(workspace);
  return {
    temporary,
    workspace,
    tools,
    candidates: (messages: readonly Message[], changes = 0): Promise<Candidates> =>
      grounding.candidates({ tools, messages, changes }, never()),
    objection: (wrong: ToolCall): Promise<string | undefined> =>
      grounding.objection(wrong, { tools, messages: [], changes: 0 }, never()),
  };
}

const readable = (candidates: Candidates): readonly string[] => candidates["read_file"]?.["path"] ?? [];

describe("the paths that arguments may name", () => {
  test("are files for reading and editing, folders for listing, both for searching, and nothing for new files", async () => {
    const { candidates } = await bench(files("a.txt", "src/app.ts"));
    const found = await candidates([user("Go")]);
    const sorted = (tool: string): unknown => found[tool]?.["path"]?.toSorted();
    expect(sorted("read_file")).toEqual(["a.txt", "src/app.ts"]);
    expect(sorted("edit_file")).toEqual(["a.txt", "src/app.ts"]);
    expect(sorted("list_directory")).toEqual([".", "src"]);
    expect(sorted("search_text")).toEqual([".", "a.txt", "src", "src/app.ts"]);
    const changing = ["change_and_test", "delete_file", "edit_file", "move_file", "multi_edit", "replace_lines"];
    const reading = ["list_directory", "read_file", "search_text"];
    expect(Object.keys(found).toSorted()).toEqual([...changing, ...reading].toSorted());
    expect(Object.keys(found["edit_file"] ?? {})).toEqual(["path"]);
  });

  test("are not those that ignore rules hide, unless they were named", async () => {
    const content = { ".gitignore": "dist\n", ...files("dist/out.js", ".env", ".git/config", "src/app.ts") };
    const { candidates } = await bench(content);
    expect(readable(await candidates([user("Go")])).toSorted()).toEqual([".env", ".gitignore", "src/app.ts"]);
    expect(readable(await candidates([user("What is in dist/out.js?")]))).toContain("dist/out.js");
  });

  test("are free where there is none", async () => {
    const { candidates } = await bench({});
    expect(await candidates([user("Read a.txt")])).toMatchObject({ read_file: {}, list_directory: { path: ["."] } });
  });

  test("do not lead out of the workspace, whatever was named", async () => {
    await using outside = await temporaryWorkspace(files("secret.txt"));
    const { candidates, temporary } = await bench(files("a.txt"));
    await symlink(outside.path, join(temporary.path, "way-out"));
    const named = [`${outside.path}/secret.txt`, "../secret.txt", "way-out/secret.txt", "/etc/passwd", "~/.ssh/config"];
    expect(readable(await candidates([user(`Read ${named.join(" and ")}`)]))).toEqual(["a.txt"]);
  });

  test("can be named by any model, so that no name with a line break is among them", async () => {
    const { candidates } = await bench(files("a.txt", "b\nc.txt", 'quote".txt', "ünï.txt"));
    expect(readable(await candidates([user("Go")])).toSorted()).toEqual(["a.txt", 'quote".txt', "ünï.txt"]);
  });

  test("are listed anew after a change, and only then", async () => {
    const { candidates, temporary } = await bench(files("a.txt"));
    expect(readable(await candidates([user("Go")]))).toEqual(["a.txt"]);
    await temporary.write("made.txt", "x");
    expect(readable(await candidates([user("Go")]))).toEqual(["a.txt"]);
    expect(readable(await candidates([user("Go")], 1)).toSorted()).toEqual(["a.txt", "made.txt"]);
  });
});

describe("of more paths than may be named", () => {
  test("those are kept that were named, however deep they lie, and the person's before others", async () => {
    const { candidates } = await bench({ ...many(400), ...files("z/z/z/z/z/one.md", "z/z/z/z/z/two.md") });
    const result = called("search_text", { pattern: "x" }, "z/z/z/z/z/two.md:3: see (./lib/deep/down/unit-399.ts).");
    const found = readable(await candidates([user("Compare `z/z/z/z/z/one.md`, please"), ...result]));
    expect(found).toHaveLength(300);
    expect(found.slice(0, 3)).toEqual(["z/z/z/z/z/one.md", "z/z/z/z/z/two.md", "lib/deep/down/unit-399.ts"]);
  });

  test("entries of a folder that was listed count as named", async () => {
    const { candidates } = await bench({ ...many(400), ...files("src/app/[id]/page.tsx", "app/page.tsx") });
    const listed = called("list_directory", { path: "./src/app/[id]/" }, "parts/\npage.tsx");
    expect(readable(await candidates([user("Go on"), ...listed]))[0]).toBe("src/app/[id]/page.tsx");
  });

  test.each([
    ["the exact name before a stem", "Read config.ts", ["z/z/z/z/config.ts", "y/y/y/y/config.json"]],
    ["a stem before a folder", "Where is parser?", ["z/z/z/z/parser.ts", "y/y/parser/main.ts"]],
    ["a folder before a part of a name", "Where is billing?", ["z/z/z/billing/main.ts", "y/billing-rules.ts"]],
    ["a part of a name, in any case", "the table", ["z/z/z/z/PriceTable.ts"]],
    ["a longer or shorter word", "authenticate users", ["z/z/z/z/auth.ts"]],
    ["a word with a letter too few", "the pakage", ["z/z/z/z/package.txt"]],
    ["what the last result speaks of", "Go on", ["z/z/z/z/checkout.ts"]],
  ])("%s", async (_what, question, wanted) => {
    const { candidates } = await bench({ ...many(400), ...files(...wanted) });
    const result = called("read_file", { path: "a" }, "It calls the checkout of the shop.");
    const found = readable(await candidates([user(question), ...(question === "Go on" ? result : [])]));
    expect(found.slice(0, wanted.length)).toEqual(wanted);
  });

  test("the 40 that changed last come before shallow ones when no word fits", async () => {
    const { candidates, temporary } = await bench({ ...many(400), ...files("top.md") });
    for (const path of Object.keys(many(400))) await utimes(join(temporary.path, path), 1000, 1000);
    await utimes(join(temporary.path, "top.md"), 0, 0);
    await temporary.write("z/z/z/z/z/fresh.md", "x");
    const found = readable(await candidates([user("?")]));
    expect(found.slice(0, 40)).toContain("z/z/z/z/z/fresh.md");
    expect(found[40]).toBe("top.md");
  });

  test("the same workspace and words give the same paths", async () => {
    const { candidates, workspace, tools } = await bench(many(500));
    const query = { tools, messages: [user("unit 7 and 77")], changes: 0 };
    expect(await createGrounding(workspace).candidates(query, never())).toEqual(await candidates(query.messages));
  });
});

describe("while there is no list of files", () => {
  test("paths are free, and grounded again when it has come", async () => {
    const { workspace, tools } = await bench(files("a.txt"));
    const grounding = createGrounding(workspace, { waitMilliseconds: 0 });
    const query = { tools, messages: [user("Go")], changes: 0 };
    expect(readable(await grounding.candidates(query, never()))).toEqual([]);
    await expect.poll(async () => readable(await grounding.candidates(query, never()))).toEqual(["a.txt"]);
  });

  test("nothing waits for it after an abort", async () => {
    const { workspace, tools } = await bench(files("a.txt"));
    const query = { tools, messages: [user("Go")], changes: 0 };
    const found = await createGrounding(workspace).candidates(query, AbortSignal.abort());
    expect(readable(found)).toEqual([]);
  });
});

function toolWith(source: GroundSource): Tool {
  const prepare: Tool["prepare"] = () => Promise.resolve(ok({ run: () => Promise.reject(new Error("not run")) }));
  const input = z.strictObject({ value: z.string() });
  return {
    name: "choose",
    description: "",
    risk: "read",
    input,
    grounding: { value: source },
    subject: () => "",
    prepare,
  };
}

describe("other sources", () => {
  test("a list of states gives those, in its order", async () => {
    const { workspace } = await bench({});
    const tools = [toolWith({ values: ["open", "closed"] })];
    const grounding = createGrounding(workspace);
    const query = { tools, messages: [], changes: 0 };
    expect(await grounding.candidates(query, never())).toEqual({ choose: { value: ["open", "closed"] } });
    expect(await grounding.objection(call("choose", { value: "ajar" }), query, never())).toBe(
      "value must be one of open, closed",
    );
    expect(await grounding.objection(call("choose", { value: "open" }), query, never())).toBeUndefined();
  });

  test("spans are what the person and results quote and name, not what the model said", async () => {
    const { workspace } = await bench({});
    const tools = [toolWith("conversation-span")];
    const messages: Message[] = [
      user("Rename `old name` to \"new name\" in createUser, don't touch v2.4.1 or MAX_SIZE; it's issue #42."),
      { role: "assistant", text: "I will look at inventedName.", calls: [call("read_file", { path: "a.ts" })] },
      { role: "tool", callId: "c1", name: "read_file", status: "ok", text: "const userIndex = 3;", summary: "" },
    ];
    const found = await createGrounding(workspace).candidates({ tools, messages, changes: 0 }, never());
    expect(found["choose"]?.["value"]).toEqual([
      "old name",
      "new name",
      "createUser",
      "v2.4.1",
      "MAX_SIZE",
      "42",
      "userIndex",
      "3",
    ]);
  });

  test("spans are at most 300, also of an endless text", async () => {
    const { workspace } = await bench({});
    const text = Array.from({ length: 5000 }, (_, index) => `name_${index} "${"long ".repeat(20)}"`).join(" ");
    const query = { tools: [toolWith("conversation-span")], messages: [user(text)], changes: 0 };
    const spans = (await createGrounding(workspace).candidates(query, never()))["choose"]?.["value"] ?? [];
    expect(spans).toHaveLength(300);
    expect(Math.max(...spans.map(({ length }) => length))).toBeLessThanOrEqual(200);
  });
});

describe("a call that names what there is not", () => {
  test("is answered with the paths it may have meant, the nearest first", async () => {
    const { objection } = await bench(files("src/app.ts", "src/apply.ts", "test/app.ts", "README.md"));
    expect(await objection(call("read_file", { path: "src/ap.ts" }))).toBe(
      "there is no file src/ap.ts; did you mean src/app.ts or test/app.ts or src/apply.ts?",
    );
    expect(await objection(call("list_directory", { path: "elsewhere" }))).toBe("there is no folder elsewhere");
    expect(await objection(call("search_text", { pattern: "x", path: "readme" }))).toBe(
      "there is no file or folder readme; did you mean README.md?",
    );
  });

  test("is none when the path exists in any way of writing it, or is for the tool to judge", async () => {
    const { objection, workspace, temporary } = await bench(files("src/app.ts", ".gitignore"));
    await mkdir(join(temporary.path, "empty"));
    const fine = [
      "src/app.ts",
      "./src/../src/app.ts",
      `${workspace.root}/src/app.ts`,
      "src\\app.ts",
      "src",
      "/etc/passwd",
    ];
    for (const path of [...fine, "../x", 7]) expect(await objection(call("read_file", { path }))).toBeUndefined();
    expect(await objection(call("list_directory", { path: "empty" }))).toBeUndefined();
    expect(await objection(call("list_directory", {}))).toBeUndefined();
    expect(await objection(call("write_file", { path: "new.ts", content: "" }))).toBeUndefined();
    expect(await objection(call("no_tool", { path: "new.ts" }))).toBeUndefined();
  });
});

test("hostile texts are read in no time", async () => {
  const { candidates } = await bench(files("a.txt"));
  for (const text of ["-", ":", "!", "/", "`", "'", '"', "a.", "1:", "(", "_-"]) {
    const found = await candidates([user(`${text.repeat(200_000)}x a.txt`)]);
    expect(readable(found)).toEqual(["a.txt"]);
  }
});
