import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { schemaGrammar } from "../../../src/dialects/index.ts";
import { type Case, judge, text } from "./support/judge.ts";
import { engine } from "./support/llama-engine.ts";

describe("scalars", () => {
  const cases: Case[] = [
    ["strings", { type: "string" }, ["", 'a "quoted" \\ 😀\n'], [1, null, text('"a\nb"'), text('"\\x"')]],
    [
      "integers",
      { type: "integer" },
      [0, -7, 1234567890123456],
      [1.5, "1", text("01"), text("-0"), text("12345678901234567")],
    ],
    [
      "numbers",
      { type: "number" },
      [0, -1.5, 1e21, 1e-7, 0.0000012345678901234567],
      ["1", true, text("1."), text(".5"), text("01")],
    ],
    ["booleans", { type: "boolean" }, [true, false], [null, "true"]],
    ["null", { type: "null" }, [null], [0]],
    ["one of several types", { type: ["string", "null"] }, ["a", null], [1]],
    [
      "types by their names in Python",
      {
        type: "dict",
        properties: {
          n: { type: ["int", "null"] },
          on: { type: "bool" },
          all: { type: "tuple", items: { type: "float" } },
          any: { type: "any" },
        },
      },
      [{}, { n: 1, on: true, all: [0.5, 1], any: "a" }, { n: null, any: [1] }],
      [{ n: 0.5 }, { n: "1" }, { on: null }, { all: ["a"] }, { all: 1 }, []],
    ],
    ["OpenAPI's nullable", { type: "string", nullable: true }, ["a", null], [1]],
    ["an enumeration", { enum: ["a", 1, null, true, "ü\"'"] }, ["a", 1, null, true, "ü\"'"], ["b", 2, false]],
    ["the values of an enumeration that the type allows", { type: "string", enum: ["a", 1] }, ["a"], [1]],
    [
      "a long enumeration",
      { enum: ["", "a", "ab", "abc", "b", "😀", "😁", "\n", '"', "\\"] },
      ["", "ab", "😁", '"', "\\"],
      ["abcd", "c", "😂"],
    ],
    ["an object as a constant", { const: { a: [1, "x"] } }, [{ a: [1, "x"] }, text('{"a":[1,\n  "x"]}')], [{ a: [1] }]],
    ["half a surrogate pair as a constant", { const: "\ud83d" }, ["\ud83d"], [""]],
  ];
  test.each(cases)("%s", (...one) => judge(one));
});

describe("numbers within limits", () => {
  const cases: Case[] = [
    [
      "limits beyond what integers may have",
      { type: "integer", minimum: -1e300, maximum: 1e300 },
      [0, -9999999999999998],
      [text("99999999999999999")],
    ],
    ["fractional limits of integers", { type: "integer", minimum: 0.5, maximum: 2.5 }, [1, 2], [0, 3]],
    ["draft 4's exclusive limits", { type: "integer", minimum: 1, exclusiveMinimum: true, maximum: 3 }, [2, 3], [1, 4]],
    [
      "the narrower of two limits",
      { type: "integer", minimum: 1, allOf: [{ minimum: 3 }, { maximum: 5 }] },
      [3, 5],
      [2, 6],
    ],
    [
      "numbers above zero",
      { type: "number", exclusiveMinimum: 0 },
      [0.001, 1, 1e-9, 1e21, 12.5],
      [0, -1, text("0.0"), text("-0.5")],
    ],
    [
      "numbers between fractions",
      { type: "number", minimum: 0.25, exclusiveMaximum: 0.75 },
      [0.25, 0.5, 0.7499],
      [0.2, 0.75, 1, 0, text("0.750")],
    ],
    [
      "numbers on both sides of zero",
      { type: "number", minimum: -90, maximum: 90.5 },
      [-90, -0.1, 0, 90.5, 1e-7],
      [-90.1, 90.6, 91, 1e3],
    ],
    ["a number that must be whole", { type: "number", allOf: [{ type: "integer" }] }, [3], [3.5]],
  ];
  test.each(cases)("%s", (...one) => judge(one));

  test("exactly the integers between two limits", () => {
    const limits = fc.tuple(fc.integer({ min: -1200, max: 1200 }), fc.nat(1300));
    fc.assert(
      fc.property(
        limits,
        fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 20 }),
        ([least, more], others) => {
          const most = least + more;
          const admits = engine(schemaGrammar({ type: "integer", minimum: least, maximum: most }));
          const tried = [...others, least - 1, least, least + 1, most - 1, most, most + 1, 0, -1, 1, 9, 10, 99, 100];
          expect(tried.filter((number) => admits(`${number}`) !== (least <= number && number <= most))).toEqual([]);
        },
      ),
    );
  });

  test("exactly the decimals between two limits", () => {
    const decimal = fc.integer({ min: -3000, max: 3000 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(decimal, decimal, fc.boolean(), fc.array(decimal, { minLength: 20 }), (a, b, exclusive, others) => {
        const [least, most] = [Math.min(a, b), Math.max(a, b)];
        const schema = exclusive
          ? { exclusiveMinimum: least, exclusiveMaximum: most }
          : { minimum: least, maximum: most };
        const admits = engine(schemaGrammar({ type: "number", ...schema }));
        const isWithin = (number: number): boolean =>
          exclusive ? least < number && number < most : least <= number && number <= most;
        // The impossible range is left to validation.
        fc.pre(!exclusive || least < most);
        expect([...others, least, most, 0].filter((number) => admits(`${number}`) !== isWithin(number))).toEqual([]);
      }),
    );
  });
});

describe("strings within limits", () => {
  const cases: Case[] = [
    [
      "a length counts characters, not bytes or escapes",
      { type: "string", minLength: 2, maxLength: 3 },
      ["日😀", '\n"a'],
      ["日", "abcd", '"'],
    ],
    ["a pattern that may be anywhere", { pattern: "[0-9]{2}" }, ["12", "a12b", "😀\n00"], ["1", "a1b"]],
    ["anchors of each option", { pattern: "^a|b$" }, ["a", "axe", "b", "bob"], ["xa", "bx"]],
    [
      "a pattern with a length",
      { pattern: "^[a-z]+$", minLength: 2, maxLength: 3 },
      ["ab", "abc"],
      ["a", "abcd", "AB"],
    ],
    [
      "classes and escapes",
      { pattern: '^[^\\d\\s"\\\\-][\\w\\-\\]]\\u00e9\\.\\/$' },
      ["x]é./", "é-é./"],
      ["1aé./", "-aé./", "aaéx/"],
    ],
    [
      "groups with names, lazy repetition",
      { pattern: "^(?<year>\\d{4}?)(?:-\\d\\d){1,2}?$" },
      ["2012-04", "2012-04-23"],
      ["2012", "12-04"],
    ],
    ["line ends are no dots", { pattern: "^a.b$" }, ["axb", "a\tb", "a😀b"], ["a\nb", "ab"]],
    ["what assertions ask is left to validation", { pattern: "^(?!x)[a-z]+\\b$" }, ["abc", "xyz"], ["1"]],
    ["a pattern that no grammar can tell", { pattern: "^(a)\\1$" }, ["aa", "anything"], [1]],
    ["what is no pattern at all", { pattern: "^(a$" }, ["anything"], [1]],
    [
      "dates and times",
      { format: "date-time" },
      ["2012-04-23T18:25:43.511Z", "1999-12-31T23:59:60-01:30"],
      ["2012-04-23", "2012-13-23T18:25:43Z", "2012-04-23T24:00:00Z"],
    ],
    [
      "addresses",
      { anyOf: [{ format: "ipv4" }, { format: "email" }, { format: "uri" }] },
      ["10.0.0.255", "a.b@example.org", "https://example.org/ä"],
      ["256.1.1.1", "a b"],
    ],
    ["formats that nobody knows", { format: "colour" }, ["red"], [1]],
  ];
  test.each(cases)("%s", (...one) => judge(one));

  const patterns = [
    "^[a-f]{2,4}$",
    "b+c?$",
    "^(a|bc)*d?$",
    "^[^a]|cc",
    "a.c",
    "^(a?b?){2}$",
    "^(a{1,2}|b)+$",
    "",
    "^$",
    "(^a$)|(^b+$)",
  ];
  test.each(patterns)("the pattern %s admits what the regular expression does", (pattern) => {
    const admits = engine(schemaGrammar({ type: "string", pattern }));
    const shape = new RegExp(pattern, "u");
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "c", "d", "é", '"', "\n"), maxLength: 7 }), (subject) => {
        // Repeated options that may be empty are taken without a limit.
        const isLoose = pattern === "^(a?b?){2}$";
        expect(admits(JSON.stringify(subject)) || isLoose).toBe(shape.test(subject) || isLoose);
        expect(admits(JSON.stringify(subject)) || !shape.test(subject)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
