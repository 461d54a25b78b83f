import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type * as TreeSitter from "@vscode/tree-sitter-wasm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { grammarOf } from "../../src/syntax/grammar.ts";
import { languageOf } from "../../src/syntax/index.ts";
import type { ParsedTree, TreeNode } from "../../src/syntax/parsed-tree.ts";
import { rulesOf } from "../../src/syntax/rules/index.ts";
import { fixtures } from "./fixtures.ts";
import { mutated } from "./mutations.ts";

const require = createRequire(import.meta.url);
const library = require("@vscode/tree-sitter-wasm") as typeof TreeSitter;
const folder = dirname(require.resolve("@vscode/tree-sitter-wasm"));

/** What the library's own cursor says of each node, in order. */
function readWithCursor(parser: TreeSitter.Parser, text: string): string[] {
  const tree = parser.parse(text);
  if (tree === null) return [];
  const cursor = tree.walk();
  const nodes: string[] = [];
  let isDone = false;
  while (!isDone) {
    const { nodeType, currentFieldName, startIndex, endIndex, nodeIsMissing } = cursor;
    nodes.push([currentFieldName ?? "", nodeType, startIndex, endIndex, nodeIsMissing].join(" "));
    if (cursor.gotoFirstChild()) continue;
    while (!cursor.gotoNextSibling() && !isDone) isDone = !cursor.gotoParent();
  }
  cursor.delete();
  tree.delete();
  return nodes;
}

function readFromMemory(tree: ParsedTree, types: readonly string[], fields: readonly (string | null)[]): string[] {
  const nodes: string[] = [];
  const add = (node: TreeNode): void => {
    // The library calls so also the type without a name that grammars give to NUL.
    nodes.push([fields[node.field] ?? "", types[node.type] || "ERROR", node.from, node.to, node.isMissing].join(" "));
    for (const child of tree.allChildren(node)) add(child);
  };
  add(tree.root);
  return nodes;
}

describe.each(fixtures)("of $path", ({ path, text }) => {
  test("a tree read from memory equals the one that the library's cursor walks, also of broken text", async () => {
    const name = languageOf(path) ?? "";
    // Starts the library, which can be done only once in a process.
    const grammar = await grammarOf(name);
    const file = join(folder, `tree-sitter-${rulesOf[name]?.grammar}.wasm`);
    const language = await library.Language.load(file);
    const parser = new library.Parser();
    parser.setLanguage(language);
    const same = (source: string): void => {
      const read = grammar.parse(source, (tree) => readFromMemory(tree, grammar.types, language.fields));
      expect(read).toEqual(readWithCursor(parser, source));
    };
    same(text);
    fc.assert(fc.property(mutated(text), same), { numRuns: 15 });
  });
});
