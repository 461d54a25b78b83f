import { afterAll, describe, expect, test } from "vitest";

import { createTagReader } from "../../src/syntax/index.ts";
import { temporaryWorkspace } from "../../src/testing/index.ts";
import { toolBench } from "./tool-bench.ts";

const reader = createTagReader({ threads: 1 });
afterAll(() => reader[Symbol.asyncDispose]());

const python = [
  "def total(items):",
  "    result = 0",
  "    for item in items:",
  "        result += item",
  "    return result",
  "",
].join("\n");

describe("code that is right but for what stands around it", () => {
  test("loses the fences of Markdown, and the result says so", async () => {
    await using workspace = await temporaryWorkspace({ "a.py": python });
    const call = await toolBench(workspace.path, {}, reader);
    const fenced = "```python\nprint('hi')\n```";
    expect(await call("write_file", { path: "new.py", content: fenced })).toMatchObject({
      status: "ok",
      text: "wrote 1 line to new.py (code fences removed)",
    });
    expect(await workspace.read("new.py")).toBe("print('hi')");
    await call("write_file", { path: "new.md", content: fenced });
    expect(await workspace.read("new.md")).toBe(fenced);
  });

  test("is indented as the place is, when only that makes it parse", async () => {
    await using workspace = await temporaryWorkspace({ "a.py": python });
    const call = await toolBench(workspace.path, {}, reader);
    const answer = await call("edit_file", {
      path: "a.py",
      old_text: "    result = 0\n    for",
      new_text: "result = 0\ncount = 0\nfor",
    });
    expect(answer.text).toContain("(indented as the place is)");
    expect(await workspace.read("a.py")).toBe(python.replace("    result = 0\n", "    result = 0\n    count = 0\n"));
  });

  test("by its lines, too", async () => {
    await using workspace = await temporaryWorkspace({ "a.py": python });
    const call = await toolBench(workspace.path, {}, reader);
    await call("read_file", { path: "a.py" });
    await call("replace_lines", {
      path: "a.py",
      from_line: 4,
      to_line: 4,
      new_text: "if item > 0:\n    result += item",
    });
    expect(await workspace.read("a.py")).toContain("        if item > 0:\n            result += item\n    return");
  });

  test("stays as it was written when it parses, or when nothing helps", async () => {
    await using workspace = await temporaryWorkspace({ "a.py": python });
    const call = await toolBench(workspace.path, {}, reader);
    await call("edit_file", { path: "a.py", old_text: "    return result", new_text: "return result" });
    expect(await workspace.read("a.py")).toContain("\nreturn result\n");
    const broken = await call("edit_file", { path: "a.py", old_text: "return result", new_text: "return (" });
    expect(broken.text).toContain("new problems in a.py");
    expect(await workspace.read("a.py")).toContain("\nreturn (\n");
  });

  test("gets the newline back that ended the file", async () => {
    await using workspace = await temporaryWorkspace({ "a.py": python });
    const call = await toolBench(workspace.path, {}, reader);
    await call("write_file", { path: "a.py", content: "x = 1" });
    expect(await workspace.read("a.py")).toBe("x = 1\n");
  });
});

const store = [
  "export class Store {",
  "  put(key: string): void {",
  "    this.items.push(key);",
  "  }",
  "  items: string[] = [];",
  "}",
  "",
  "export function put(key: string): string {",
  "  return key;",
  "}",
  "",
].join("\n");

describe("a symbol replaced by its name", () => {
  test("is shown first to a model that did not read it, and replaced by the same call again", async () => {
    await using workspace = await temporaryWorkspace({ "src/store.ts": store });
    const call = await toolBench(workspace.path, { guarded: true }, reader);
    const args = {
      path: "src/store.ts",
      name: "Store.put",
      new_text: "put(key: string): void {\n  this.items.unshift(key);\n}",
    };
    const first = await call("edit_symbol", args);
    expect(first.status).toBe("not prepared");
    expect(first.text).toContain("It stands on lines 2 to 4 of src/store.ts:\n  put(key: string): void {");
    expect(await workspace.read("src/store.ts")).toBe(store);
    expect(await call("edit_symbol", args)).toMatchObject({
      status: "ok",
      text: expect.stringContaining("replaced method Store.put in src/store.ts (indented as the place is)"),
    });
    expect(await workspace.read("src/store.ts")).toBe(store.replace("push", "unshift"));
  });

  test.each([
    [
      "put(key: string): void {\n    this.items.unshift(key);\n  }",
      "  put(key: string): void {\n    this.items.unshift(key);\n  }",
    ],
    ["put(key: string): void {\n  use(`\n  ${key}`);\n}", "put(key: string): void {\n  use(`\n  ${key}`);\n}"],
  ])("begins where the old one began, and no text within it changes: %j", async (written, expected) => {
    await using workspace = await temporaryWorkspace({ "src/store.ts": store });
    const call = await toolBench(workspace.path, {}, reader);
    await call("edit_symbol", { path: "src/store.ts", name: "Store.put", new_text: written });
    const old = "  put(key: string): void {\n    this.items.push(key);\n  }";
    expect(await workspace.read("src/store.ts")).toBe(store.replace(old, () => expected));
  });

  test("must be one", async () => {
    await using workspace = await temporaryWorkspace({ "src/store.ts": store });
    const call = await toolBench(workspace.path, {}, reader);
    const twice = await call("edit_symbol", { path: "src/store.ts", name: "put", new_text: "x" });
    expect(twice.text).toContain("defines put 2 times: line 2 in Store, line 8");
    const none = await call("edit_symbol", { path: "src/store.ts", name: "get", new_text: "x" });
    expect(none.text).toContain("defines no get It defines Store, put, items, put");
    expect((await call("edit_symbol", { path: "src/other.ts", name: "get", new_text: "x" })).status).toBe(
      "not prepared",
    );
  });

  test("is left alone where it shares a line with something else", async () => {
    const files = {
      "a.ts": "export function a() { return 1; } export function b() { return 2; }\nconst p = 1, q = 2;\n",
      "A.java": "class A { int x() {\n  return 1; }\n  int y() { return 2; }\n}\n",
    };
    await using workspace = await temporaryWorkspace(files);
    const call = await toolBench(workspace.path, {}, reader);
    for (const [path, name] of [
      ["a.ts", "a"],
      ["a.ts", "p"],
      ["A.java", "x"],
    ] as const) {
      const answer = await call("edit_symbol", { path, name, new_text: "changed" });
      expect([path, name, answer.status, answer.text]).toEqual([
        path,
        name,
        "not prepared",
        expect.stringContaining("shares a line"),
      ]);
    }
  });

  test("names whole parts of what it lies in", async () => {
    await using workspace = await temporaryWorkspace({
      "a.ts": "class BookStore {\n  put() {\n    return 1;\n  }\n}\n",
    });
    const call = await toolBench(workspace.path, {}, reader);
    const answer = await call("edit_symbol", { path: "a.ts", name: "Store.put", new_text: "put() {}" });
    expect(answer.text).toContain("defines no Store.put");
  });

  test("does not get a second copy of the decorators and comments above it", async () => {
    const text = "class A:\n    # The sum.\n    @property\n    def total(self):\n        return 1\n";
    await using workspace = await temporaryWorkspace({ "a.py": text });
    const call = await toolBench(workspace.path, {}, reader);
    const replacement = "    # The sum.\n    @property\n    def total(self):\n        return 2\n";
    await call("edit_symbol", { path: "a.py", name: "A.total", new_text: replacement });
    expect(await workspace.read("a.py")).toBe(text.replace("return 1", "return 2"));
  });

  test("too long to be shown is not taken as read", async () => {
    const long = `def f():\n${"    x = 1\n".repeat(50)}`;
    await using workspace = await temporaryWorkspace({ "a.py": long });
    const call = await toolBench(workspace.path, { guarded: true, resultLines: 20 }, reader);
    for (let times = 0; times < 2; times++) {
      const answer = await call("edit_symbol", { path: "a.py", name: "f", new_text: "def f():\n    pass\n" });
      expect(answer.text).toContain("too long to be replaced at once");
    }
    expect(await workspace.read("a.py")).toBe(long);
  });

  test("keeps the line endings of the file, and what follows it", async () => {
    await using workspace = await temporaryWorkspace({ "a.py": python.replaceAll("\n", "\r\n") + "x = 1\r\n" });
    const call = await toolBench(workspace.path, {}, reader);
    await call("edit_symbol", { path: "a.py", name: "total", new_text: "def total(items):\n    return sum(items)\n" });
    expect(await workspace.read("a.py")).toBe("def total(items):\r\n    return sum(items)\r\nx = 1\r\n");
  });
});

test("searching and reading in one call shows the functions that the words are in, and counts as read", async () => {
  await using workspace = await temporaryWorkspace({ "src/store.ts": store, "a.py": python });
  const call = await toolBench(workspace.path, { guarded: true }, reader);
  const answer = await call("search_and_read", { query: "push" });
  expect(answer.text).toContain(
    "src/store.ts\n   2\t  put(key: string): void {\n   3\t    this.items.push(key);\n   4\t  }",
  );
  const edit = { path: "src/store.ts", old_text: "push(key)", new_text: "unshift(key)" };
  expect((await call("edit_file", edit)).status).toBe("ok");
  expect((await call("search_and_read", { query: "zebra" })).text).toContain("nothing in the code has these words");
});

test("an edit that misses again shows the function to copy from, then only the place", async () => {
  await using workspace = await temporaryWorkspace({ "src/store.ts": store });
  const call = await toolBench(workspace.path, {}, reader);
  const wrong = { path: "src/store.ts", old_text: "this.items.append(key)", new_text: "x" };
  expect((await call("edit_file", wrong)).text).toContain("The nearest lines are:\n   1\texport class Store {");
  expect((await call("edit_file", wrong)).text).toContain(
    "from line 2 on:\n  put(key: string): void {\n    this.items.push(key);\n  }\n Copy two to four whole lines",
  );
  expect((await call("edit_file", wrong)).text).toContain("from line 1 on:\nexport class Store {\n  put(");
  await call("edit_file", { ...wrong, old_text: "this.items.push(key)", new_text: "this.items.unshift(key)" });
  expect((await call("edit_file", wrong)).text).toContain("The nearest lines are:");
});
