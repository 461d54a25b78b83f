import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createTwoFilesPatch } from "diff";
import fc from "fast-check";
import { expect, test } from "vitest";

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
