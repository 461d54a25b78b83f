import assert from "node:assert/strict";
import { test } from "node:test";

import { maxSatisfying, satisfies } from "../src/range.ts";
import { planUpgrade } from "../src/upgrade.ts";

const holds = (range: string, yes: string[], no: string[]): void => {
  for (const version of yes) assert.equal(satisfies(version, range), true, `${version} in ${range}`);
  for (const version of no) assert.equal(satisfies(version, range), false, `${version} not in ${range}`);
};

test("comparators", () => {
  holds("1.2.3", ["1.2.3", "v1.2.3", "1.2.3+build"], ["1.2.4", "1.2.3-rc.1"]);
  holds("=1.2.3", ["1.2.3"], ["1.2.2"]);
  holds(">1.2.3 <=2.0.0", ["1.2.4", "2.0.0"], ["1.2.3", "2.0.1"]);
  holds(">=1.2.3 <1.10.0", ["1.2.3", "1.9.9"], ["1.10.0"]);
});

test("tilde and caret", () => {
  holds("~1.2.3", ["1.2.3", "1.2.99"], ["1.3.0", "1.2.2"]);
  holds("^1.2.3", ["1.2.3", "1.9.0"], ["2.0.0", "1.2.2"]);
  holds("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]);
  holds("^0.0.3", ["0.0.3"], ["0.0.4", "0.0.2"]);
});

test("partial versions and everything", () => {
  holds("1.2", ["1.2.0", "1.2.7"], ["1.3.0", "1.1.9"]);
  holds("1.x", ["1.0.0", "1.99.0"], ["2.0.0", "0.9.0"]);
  holds("1.2.x", ["1.2.5"], ["1.3.0"]);
  holds("1", ["1.5.0"], ["2.0.0"]);
  for (const all of ["*", "x", ""]) holds(all, ["0.0.0", "9.9.9"], ["1.0.0-rc.1"]);
});

test("alternatives", () => {
  holds("^1.0.0 || >=3.1.0 <3.2.0", ["1.4.0", "3.1.5"], ["2.0.0", "3.2.0"]);
  holds("1.0.0||2.0.0", ["1.0.0", "2.0.0"], ["1.0.1"]);
});

test("prereleases need a comparator of their own triple", () => {
  holds("^1.2.3-beta.2", ["1.2.3-beta.2", "1.2.3-beta.10", "1.2.3", "1.9.0"], ["1.2.3-beta.1", "1.3.0-beta.5"]);
  holds(">=1.2.0", ["1.3.0"], ["1.3.0-beta.1", "2.0.0-rc.1"]);
  holds("<2.0.0-rc.2", ["2.0.0-rc.1", "1.0.0"], ["2.0.0", "1.9.0-rc.1"]);
  holds("^1.0.0 || 2.0.0-rc.1", ["2.0.0-rc.1"], ["1.5.0-rc.1"]);
});

test("nonsense is never satisfied", () => {
  holds("^1.2.3", [], ["", "1.2", "banana", "1.2.3.4"]);
  for (const range of ["banana", ">>1.0.0", "^", "> 1.0.0", "1.2.3.4"]) holds(range, [], ["1.0.0", "1.2.3"]);
});

test("the greatest", () => {
  assert.equal(maxSatisfying(["1.2.0", "v1.10.0", "1.9.0", "2.0.0"], "^1.0.0"), "v1.10.0");
  assert.equal(maxSatisfying(["1.0.0"], "^2.0.0"), undefined);
  const published = { a: ["1.0.0", "1.1.0"], b: ["0.1.0"] };
  assert.deepEqual(planUpgrade({ a: "^1.0.0", b: "^1.0.0", c: "*" }, published), { a: "1.1.0" });
});
