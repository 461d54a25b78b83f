import { expect, test } from "vitest";

import { acceptsTexts } from "../../../src/models/llama/grammar-check.ts";
import { hostEntry, never } from "./llama-bench.ts";

const check = (gbnf: string, texts: readonly string[], root = "root"): Promise<boolean[]> =>
  acceptsTexts(hostEntry, { gbnf, root }, texts, never());

test("a text is admitted from its beginning to its end, not a part of it", async () => {
  const texts = ["añ日😀", "añ日", "añ日😀a", "xañ日😀", ""];
  expect(await check('root ::= "a" [ñ] . "😀"', texts)).toEqual([true, false, false, false, false]);
});

test("the grammar begins with the rule that is asked for", async () => {
  expect(await check('root ::= "a"\nother ::= "b"', ["a", "b"], "other")).toEqual([false, true]);
});

test.each([
  ["a rule that is not there", "root ::= missing", /Undefined rule identifier 'missing'/],
  ["what is no GBNF", 'root ::= "a" }', /expecting newline or end at \}/],
  ["left recursion", 'root ::= root "a"', /left recursion/],
  ["too many repetitions", 'root ::= "a"{1,1000000}{5000}', /repetitions exceeds/],
  ["no such root", 'other ::= "a"', /does not contain a 'root' symbol/],
])("a grammar with %s is refused in llama.cpp's words", async (_what, gbnf, message) => {
  const long = `\nlong ::= "${"x".repeat(9000)}"`;
  await expect(check(gbnf + long, ["a"])).rejects.toMatchObject({ code: "INPUT_INVALID", message });
});

test("an abort ends the test of a long list", async () => {
  const abort = new AbortController();
  const texts = Array.from({ length: 20_000 }, () => "a".repeat(200));
  const tested = acceptsTexts(hostEntry, { gbnf: 'root ::= "a"*', root: "root" }, texts, abort.signal);
  abort.abort();
  await expect(tested).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("a grammar that kills the host is reported, with how the host died", async () => {
  const nested = `root ::= ${"(".repeat(1_000_000)} "a" ${")".repeat(1_000_000)}`;
  await expect(check(nested, ["a"])).rejects.toMatchObject({
    code: "HOST_CRASHED",
    message: expect.stringContaining("crashed in llama.cpp (SIG") as unknown,
  });
});
