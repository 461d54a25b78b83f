import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { expect, test } from "vitest";

import { createInputHistory } from "../../src/storage/input-history.ts";
import { temporaryFolder } from "../workspace/temporary-folder.ts";

test("gives back what was typed, oldest first, whatever the text", () => {
  const folder = temporaryFolder();
  let run = 0;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), (typed) => {
      const file = join(folder, `history-${run++}`);
      for (const text of typed) createInputHistory(file).add(text);
      expect(createInputHistory(file).load()).toEqual(typed);
    }),
  );
});

test("keeps the last 1,000 and does not grow without end", () => {
  const file = join(temporaryFolder(), "history");
  writeFileSync(file, Array.from({ length: 2500 }, (_, number) => `"${number}"\n`).join(""));
  const history = createInputHistory(file);
  expect(history.load()).toHaveLength(1000);
  expect(history.load().at(-1)).toBe("2499");
  expect(readFileSync(file, "utf8").split("\n")).toHaveLength(1001);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("passes over damaged lines", () => {
  const file = join(temporaryFolder(), "history");
  const history = createInputHistory(file);
  history.add("one");
  appendFileSync(file, '{"not": "text"}\n"torn\n\u0000\u0000\n');
  history.add("two");
  expect(history.load()).toEqual(["one", "two"]);
});

test("is for this person's eyes only", () => {
  const file = join(temporaryFolder(), "state", "history");
  createInputHistory(file).add("secret");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
});

test("never fails the program", () => {
  const folder = temporaryFolder({ file: "" });
  const history = createInputHistory(join(folder, "file", "history"));
  history.add("lost");
  expect(history.load()).toEqual([]);
});
