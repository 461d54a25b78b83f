import assert from "node:assert/strict";
import { test } from "node:test";

import { parseArguments } from "../src/arguments.js";
import { describe } from "../src/cli.js";
import { UsageError } from "../src/usage-error.js";

const spec = {
  verbose: { type: "boolean", short: "v" },
  color: { type: "boolean" },
  file: { type: "string", short: "f" },
  define: { type: "string", short: "D", multiple: true },
};
const parse = (...argv) => parseArguments(argv, spec);
const none = { verbose: false, color: false, file: undefined, define: [] };
const fails = (named, ...argv) =>
  assert.throws(() => parse(...argv), (error) => error instanceof UsageError && error.message.includes(named), argv.join(" "));

test("values", () => {
  assert.deepEqual(parse("--file", "a", "x").options, { ...none, file: "a" });
  assert.deepEqual(parse("--file=a=b", "x"), { options: { ...none, file: "a=b" }, operands: ["x"] });
  assert.equal(parse("--file=").options.file, "");
  assert.equal(parse("-f", "-").options.file, "-");
});

test("booleans and their negation", () => {
  assert.equal(parse("--color").options.color, true);
  assert.equal(parse("--color", "--no-color").options.color, false);
  assert.equal(parse("--no-color", "--color").options.color, true);
  fails("--no-file", "--no-file");
  fails("--color", "--color=yes");
});

test("short flags together", () => {
  assert.deepEqual(parse("-vf", "out.txt", "in"), { options: { ...none, verbose: true, file: "out.txt" }, operands: ["in"] });
  fails("-f", "-fv", "out.txt");
  fails("x", "-vx");
});

test("the end of options", () => {
  assert.deepEqual(parse("-v", "--", "--color", "-f", "--"), { options: { ...none, verbose: true }, operands: ["--color", "-f", "--"] });
  assert.deepEqual(parse("-", "a").operands, ["-", "a"]);
});

test("lists", () => {
  assert.deepEqual(parse("-D", "a=1", "--define=b", "--define", "c").options.define, ["a=1", "b", "c"]);
  const first = parse("-D", "a");
  assert.deepEqual(parse("-D", "b").options.define, ["b"]);
  assert.deepEqual(first.options.define, ["a"]);
});

test("mistakes", () => {
  fails("--nope", "--nope");
  fails("--nope", "--nope=1");
  fails("--file", "--file");
  fails("--file", "--file", "--color");
  fails("-f", "-f", "-v");
  fails("--toString", "--toString");
});

test("the tool", () => {
  assert.equal(describe(["-vo", "x", "a", "b"]), "a b to x verbose");
  assert.match(describe(["--output"]), /^usage: .*--output/);
});
