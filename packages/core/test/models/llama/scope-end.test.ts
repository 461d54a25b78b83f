import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ScopeEnd } from "../../../src/models/llama/host/scope-end.ts";

/** What is shown of a text at the place of `|` in the code, and whether the scope ended in it. */
function shownAt(code: string, written: string, pieces: readonly string[] = [written]): [string, boolean] {
  const at = code.indexOf("|");
  const scope = new ScopeEnd(code.slice(0, at), code.slice(at + 1));
  const shown = pieces.map((piece) => scope.push(piece)).join("");
  return [shown + scope.end(), scope.ended];
}

describe("what is written at a cursor", () => {
  test.each([
    ["in front of a bracket that closes the cursor's call", "f(|)", "a, b); next()", "a, b"],
    ["before a bracket that closes the block around it", "if (x) {\n  |\n}", "f();\n}\ng();", "f();"],
    [
      "before a line that is indented less",
      "def f():\n    |",
      "x = 1\n\n    return x\n\nprint(f())",
      "x = 1\n\n    return x",
    ],
    ["before the line that follows the cursor", "a = 1\n|\nprint(a)", "b = 2\nprint(a)\nc = 3", "b = 2"],
    ["with the line, in the middle of one", "const a = |;", "f(1)\nconst b = 2", "f(1)"],
    ["with the line, whatever ends lines there", "const a = |;\r\n", "f(1)\r\nconst b = 2", "f(1)"],
    ["without the line end before what is cut", "{\r\n  |\r\n}", "f();\r\n}\r\ng();", "f();"],
    [
      "at a bracket even where the quote before it holds one",
      "f(|)",
      String.raw`"a\")", b) + 1`,
      String.raw`"a\")", b`,
    ],
    ["at a bracket behind the quote in which the cursor stands", 'log("he|")', 'llo (all", 1) + 2', 'llo (all", 1'],
  ])("ends %s", (_where, code, written, shown) => {
    expect(shownAt(code, written)).toEqual([shown, true]);
  });

  test.each([
    ["closes brackets of its line that nothing behind it closes", "  f(|\n  g()", "a, [b]);"],
    ["closes a block that was opened in its line", "function f() {|", "\n  return 1;\n}"],
    ["goes on after an empty line in its scope", "def f():\n    |", "a()\n\n    b()"],
    ["may hold brackets in quotes", "f(|)", 'a, ")", `}`'],
    ["may begin with the next line of a short kind", "{\n  |\n  }", "a()\n  b()"],
  ])("%s", (_what, code, written) => {
    expect(shownAt(code, written)).toEqual([written, false]);
  });

  test("does not close a block that is closed behind it", () => {
    expect(shownAt("function f() {|\n}\n", "\n  return 1;\n}\n")).toEqual(["\n  return 1;", true]);
    expect(shownAt("  if (a) {|\n  } else {\n  }", "\n    b();\n  }")).toEqual(["\n    b();", true]);
  });
});

const character = fc.constantFrom(...Array.from("ab;=.,(){}[]\"'`\\ \t\r\n🎉é"));
const anyText = fc.string({ unit: character, maxLength: 60 });
const balanced = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: fc.constantFrom(...Array.from("ab;=., ")), maxLength: 8 }),
    fc.tuple(tie("text"), tie("text")).map((two) => two.join("")),
    fc.tuple(fc.constantFrom("()", "[]", "{}"), tie("text")).map(([pair, inner]) => `${pair[0]}${inner}${pair[1]}`),
  ),
})).text;

describe("whatever is written", () => {
  test("what is shown is its beginning, and the same however it was split", () => {
    fc.assert(
      fc.property(anyText, anyText, fc.array(anyText), (prefix, suffix, pieces) => {
        const code = `${prefix}|${suffix}`;
        const written = pieces.join("");
        const whole = shownAt(code, written);
        expect(written.startsWith(whole[0])).toBe(true);
        expect(whole[0] === written || whole[1] || suffix.trim().length > 2).toBe(true);
        expect(shownAt(code, written, pieces)).toEqual(whole);
        expect(shownAt(code, written, Array.from(written))).toEqual(whole);
      }),
    );
  });

  test("its first line is shown up to a bracket that closes what it did not open", () => {
    fc.assert(
      fc.property(balanced, anyText, (line, more) => {
        expect(shownAt("call(|)", line)).toEqual([line, false]);
        const [shown, ended] = shownAt("call(|)", `${line})${more}`);
        expect([shown, ended]).toEqual([line, true]);
      }),
    );
  });

  test("lines at the cursor's indent or deeper, with balanced brackets, are all kept", () => {
    const line = fc.tuple(fc.constantFrom("  ", "    ", "  \t"), balanced).map((parts) => parts.join(""));
    fc.assert(
      fc.property(balanced, fc.array(line), (first, lines) => {
        const written = [first, ...lines].join("\n");
        expect(shownAt("{\n  |\n}\n", written)).toEqual([written, false]);
      }),
    );
  });

  test("nothing is shown from a line on that is indented less", () => {
    fc.assert(
      fc.property(balanced, anyText, (first, more) => {
        expect(shownAt("{\n    |\n}\n", `${first}\n  x${more}`)).toEqual([first, true]);
      }),
    );
  });
});
