import fc from "fast-check";

const pieces = [
  "{",
  "}",
  "(",
  ")",
  "[",
  '"',
  "'",
  "`",
  "<",
  ">",
  ";",
  ":",
  "\n",
  "\0",
  "\uD800",
  "é",
  "/*",
  "#",
  "=>",
  "class ",
];

/** A text in which some spans are gone, repeated, or replaced by what parsers trip over. */
export const mutated = (text: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.record({
        at: fc.nat(text.length),
        length: fc.nat(40),
        insert: fc.oneof(fc.constantFrom("", ...pieces), fc.string({ unit: "binary", maxLength: 6 })),
        times: fc.integer({ min: 1, max: 8 }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((changes) =>
      changes.reduce(
        (whole, { at, length, insert, times }) => whole.slice(0, at) + insert.repeat(times) + whole.slice(at + length),
        text,
      ),
    );
