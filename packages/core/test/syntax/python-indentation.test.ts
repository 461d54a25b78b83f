import { expect, test } from "vitest";

import { indentationErrors } from "../../src/syntax/python-indentation.ts";

const messages = (text: string): string[] => indentationErrors(text).map(({ line, message }) => `${line}: ${message}`);

test("blocks that are missing, and lines on no level, are errors", () => {
  expect(messages("if x:\ny = 1\n")).toEqual(["2: expected an indented block"]);
  expect(messages("x = 1\n  y = 2\n")).toEqual(["2: unexpected indentation"]);
  expect(messages("def f():\n        a = 1\n    return a\n")).toEqual(["3: the indentation fits no outer block"]);
});

test.each([
  ["brackets", "x = [\n1,\n      2]\ny = 1\n"],
  ["strings of several lines", 'def f():\n    """One\nTwo: three\n    """\n    return 1\n'],
  ["comments and empty lines", "if x:\n\n# comment\n        # other\n    pass\n"],
  ["backslashes", "x = 1 + \\\n        2\ny = 3\n"],
  ["one-line blocks", "if x: pass\nelse: pass\nclass A: ...\n"],
  ["colons in slices, types and lambdas", "x: int = a[1:]\nf = lambda a: a\n"],
  ["a comment behind the colon", "for x in y:  # all\n    pass\n"],
  ["no newline at the end", "def f():\n    pass"],
  ["Windows line endings", "def f():\r\n    if x:\r\n        pass\r\n    return\r\n"],
  ["quotes in strings", "x = 'it\\'s: '\ny = \"a#b\"\nz = '''\\''' '''\nw = 1\n"],
  ["tabs", "def f():\n\tif x:\n\t\tpass\n"],
])("%s hold no error", (_, text) => {
  expect(messages(text)).toEqual([]);
});
