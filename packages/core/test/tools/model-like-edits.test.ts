import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createTwoFilesPatch } from "diff";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";

import { createTagReader } from "../../src/syntax/index.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";
import { toolBench } from "./tool-bench.ts";

const line = fc.oneof(
  fc.constantFrom("", "}", "  return total;", "    }", "{", "  x", "\tif (ready) {", "// note"),
  fc.nat(999).map((number) => `  item${number}.price(${number});`),
);
const file = fc.record({
  lines: fc.array(line, { minLength: 3, maxLength: 40 }),
  windows: fc.boolean(),
  endsWithNewline: fc.boolean(),
});

/** How a model gets the text wrong that it wants to replace. */
const slips: Record<string, (lines: string[]) => string[]> = {
  none: (lines) => lines,
  "other indentation": (lines) => lines.map((text) => (text.trim() === "" ? text : `  ${text}`)),
  "no indentation": (lines) => lines.map((text) => text.trimStart()),
  "blanks at ends": (lines) => lines.map((text) => `${text} `),
  "stale context": (lines) => lines.map((text, index) => (index === 0 ? `${text} // old` : text)),
};

const edit = fc.record({
  from: fc.nat(1000),
  length: fc.integer({ min: 1, max: 4 }),
  replacement: fc.array(fc.constantFrom("  changed();", "  return 0;", "}"), { maxLength: 3 }),
  slip: fc.constantFrom(...Object.keys(slips)),
  how: fc.constantFrom("edit", "patch"),
});

/** Lines without white space at their ends, as far as it may differ by tolerance. */
const loosely = (text: string): string[] => text.split(/\r?\n/).map((one) => one.trim());

test("1,000 edits as models write them are right or refused, never silently wrong", async () => {
  const root = temporaryFolder({ "a.ts": "" });
  const path = join(root, "a.ts");
  const outcomes = { right: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      file,
      edit,
      async ({ lines, windows, endsWithNewline }, { from, length, replacement, slip, how }) => {
        const ending = windows ? "\r\n" : "\n";
        const before = lines.join(ending) + (endsWithNewline ? ending : "");
        const at = from % lines.length;
        const wanted = lines.slice(at, at + length);
        const after = [...lines.slice(0, at), ...replacement, ...lines.slice(at + wanted.length)];
        const slipped = slips[slip]?.(wanted) ?? wanted;
        writeFileSync(path, before);
        const call = await toolBench(root);
        const answer =
          how === "edit"
            ? await call("edit_file", { path: "a.ts", old_text: slipped.join("\n"), new_text: replacement.join("\n") })
            : await call("apply_patch", { patch: patchOf(lines, after, slip) });
        const now = readFileSync(path, "utf8");
        if (answer.status !== "ok") {
          outcomes.refused++;
          expect(now).toBe(before);
          return;
        }
        outcomes.right++;
        // The line break of an emptied place may stay or go; all other lines are the wanted ones.
        const expected = loosely(after.join("\n")).filter((text) => text !== "");
        expect(loosely(now).filter((text) => text !== "")).toEqual(expected);
        if (windows) expect(now.replaceAll("\r\n", "")).not.toContain("\n");
      },
    ),
    { numRuns: 1000 },
  );
  expect(outcomes.right).toBeGreaterThan(300);
}, 120_000);

/** A diff of both, whose old lines got the same slip. */
function patchOf(before: readonly string[], after: readonly string[], slip: string): string {
  const patch = createTwoFilesPatch("a/a.ts", "b/a.ts", `${before.join("\n")}\n`, `${after.join("\n")}\n`, "", "", {
    context: 2,
  });
  const [first = "", second = "", third = "", ...rest] = patch.split("\n");
  const slipped = rest.map((text) => {
    if (!/^[ -]/.test(text)) return text;
    return text.slice(0, 1) + (slips[slip]?.([text.slice(1)])[0] ?? "");
  });
  return [first, second, third, ...slipped].join("\n");
}

/** Files of functions and a class, where one place is the wanted one, and every version parses. */
interface Language {
  path: string;
  functionText: (index: number, value: string) => string[];
  methodText: (value: string) => string[];
  classText: (method: readonly string[]) => string[];
  /** What of a line counts. */
  meaning: (line: string) => string;
}

const languages: Language[] = [
  {
    path: "a.ts",
    functionText: (index, value) => [
      `export function part${index}(list: number[]): number {`,
      `  const limit = ${index};`,
      `  return ${value};`,
      "}",
    ],
    methodText: (value) => ["  size(): number {", `    return ${value};`, "  }"],
    classText: (method) => ["class Store {", "  held = 1;", "", ...method, "}"],
    meaning: (line) => line.trim(),
  },
  {
    path: "a.py",
    functionText: (index, value) => [`def part${index}(list):`, `    limit = ${index}`, `    return ${value}`],
    methodText: (value) => [
      "    def size(self):",
      "        if self.held:",
      `            return ${value}`,
      "        return 0",
    ],
    classText: (method) => ["class Store:", "    held = 1", "", ...method],
    meaning: (line) => line.trimEnd(),
  },
];
const codeFile = fc.record({
  language: fc.constantFrom(...languages),
  count: fc.integer({ min: 1, max: 5 }),
  windows: fc.boolean(),
  endsWithNewline: fc.boolean(),
});

/** What goes wrong around the new text that a model writes. */
const wrappings: Record<string, (lines: string[]) => string[]> = {
  none: (lines) => lines,
  "code fences": (lines) => ["```ts", ...lines, "```"],
  "fences and other ends": (lines) => ["```typescript", ...lines.map((text) => `${text}\r`), "```", ""],
  "no indentation": (lines) => lines.map((text) => text.trimStart()),
  "other indentation": (lines) => lines.map((text) => `    ${text}`),
  "lines around": (lines) => ["", ...lines, "", ""],
  "cut off": (lines) => lines.slice(0, -1),
};

const codeEdit = fc.record({
  tool: fc.constantFrom("edit_symbol", "edit_file", "change_and_test"),
  place: fc.nat(5),
  wrapping: fc.constantFrom(...Object.keys(wrappings)),
  stale: fc.boolean(),
});

const reader = createTagReader({ threads: 1 });
afterAll(() => reader[Symbol.asyncDispose]());

interface CodeCase {
  file: { language: Language; count: number; windows: boolean; endsWithNewline: boolean };
  edit: { tool: string; place: number; wrapping: string; stale: boolean };
}

/** The file before and after, and the call that a model makes. */
function codeCase({ file, edit }: CodeCase) {
  const { count, windows, endsWithNewline } = file;
  const { path, functionText, methodText, classText } = file.language;
  const { tool, place, wrapping } = edit;
  const ending = windows ? "\r\n" : "\n";
  const isMethod = place >= count;
  const partOf = (value: string): string[] => (isMethod ? methodText(value) : functionText(place, value));
  const whole = (value: string): string => {
    const valueAt = (index: number): string => (index === place ? value : "other");
    const functions = Array.from({ length: count }, (_, index) => [...functionText(index, valueAt(index)), ""]);
    const lines = [...functions.flat(), ...classText(methodText(isMethod ? value : "1"))];
    return lines.join(ending) + (endsWithNewline ? ending : "");
  };
  const [old, wanted] = ["first(list)", "last(list)"];
  const text = (wrappings[wrapping]?.(partOf(wanted)) ?? []).join("\n");
  const name = isMethod ? "Store.size" : `part${place}`;
  const where = tool === "edit_symbol" ? { name } : { old_text: partOf(old).join("\n") };
  // What is put in the place of a text is meant as it is written, also where it is indented otherwise.
  const literal = whole(old).replace(partOf(old).join(ending), text.replaceAll(/\r?\n/g, ending));
  const after = tool === "edit_symbol" || wrapping.includes("fences") ? [whole(wanted)] : [whole(wanted), literal];
  return { before: whole(old), after, args: { path, ...where, new_text: text } };
}

test("300 edits of whole functions and methods are right, visibly mended or broken, or refused", async () => {
  const root = temporaryFolder({ "a.ts": "", "a.py": "" });
  const outcomes = { right: 0, mended: 0, refused: 0, broken: 0 };
  const call = await toolBench(root, {}, reader);
  const told = (answer: { status: string; text: string }): keyof typeof outcomes => {
    if (answer.status !== "ok") return "refused";
    if (answer.text.includes("new problems")) return "broken";
    return /fences removed|indented as/.test(answer.text) ? "mended" : "right";
  };
  await fc.assert(
    fc.asyncProperty(fc.record({ file: codeFile, edit: codeEdit }), async (one) => {
      const { tool, wrapping, stale } = one.edit;
      const { before, after, args } = codeCase(one);
      const path = join(root, args.path);
      writeFileSync(path, before);
      await call("read_file", { path: args.path });
      const found = stale ? `\n${before}` : before;
      writeFileSync(path, found);
      const outcome = told(await call(tool, args));
      const now = readFileSync(path, "utf8");
      outcomes[outcome]++;
      if (stale) expect(outcome).toBe("refused");
      if (outcome === "refused") {
        expect(now).toBe(found);
        return;
      }
      if (one.file.windows) expect(now.replaceAll("\r\n", "")).not.toContain("\n");
      if (outcome === "broken" || wrapping === "cut off") return;
      const { meaning } = one.file.language;
      const meant = (text: string): string[] =>
        text
          .split(/\r?\n/)
          .map(meaning)
          .filter((line) => line !== "");
      expect(after.map(meant)).toContainEqual(meant(now));
      if (wrapping !== "lines around") expect(now.endsWith("\n")).toBe(one.file.endsWithNewline);
      if (wrapping.includes("fences")) expect(outcome).toBe("mended");
    }),
    { numRuns: 300 },
  );
  expect([outcomes.right > 30, outcomes.mended > 15, outcomes.refused > 50]).toEqual([true, true, true]);
}, 120_000);
