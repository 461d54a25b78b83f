import assert from "node:assert/strict";
import { test } from "node:test";

import { parseCsv } from "../src/csv.js";
import { importContacts } from "../src/import-contacts.js";
import { readRecords } from "../src/records.js";

test("plain rows", () => {
  assert.deepEqual(parseCsv("a,b\n1,2"), [["a", "b"], ["1", "2"]]);
  assert.deepEqual(parseCsv("a,,\n"), [["a", "", ""]]);
  assert.deepEqual(parseCsv(""), []);
});

test("quoted commas, line breaks and quotes", () => {
  assert.deepEqual(parseCsv('"a,b","c\nd","say ""hi"""\nx,"",z\n'), [["a,b", "c\nd", 'say "hi"'], ["x", "", "z"]]);
  assert.deepEqual(parseCsv('""""\n'), [['"']]);
});

test("line ends of Windows, but not inside quotes", () => {
  assert.deepEqual(parseCsv('a,b\r\n"1\r\n2",3\r\n'), [["a", "b"], ["1\r\n2", "3"]]);
});

test("an empty line in the middle is a row", () => {
  assert.deepEqual(parseCsv("a\n\nb\n"), [["a"], [""], ["b"]]);
});

test("an open quote tells where it began", () => {
  assert.throws(() => parseCsv('a,b\n1,"two\nthree\n'), (error) => error instanceof SyntaxError && /\b2\b/.test(error.message) && !/\b3\b/.test(error.message));
});

test("records", () => {
  assert.deepEqual(readRecords('id, note\n1,"a,b"\n2\n'), [{ id: "1", note: "a,b" }, { id: "2", note: "" }]);
  assert.throws(() => readRecords("a,b\n1,2,3\n"), (error) => error instanceof RangeError && /3/.test(error.message));
});

test("contacts", () => {
  const text = 'name,email\r\n"Doe, Jane",Jane@x.org\r\nJ,jane@X.org\r\nNo,\r\n';
  assert.deepEqual(importContacts(text), [{ name: "Doe, Jane", email: "jane@x.org" }]);
});
