import fc from "fast-check";

import type { JsonSchema } from "../../../../src/protocol/tool-call.ts";
import { formatExamples } from "./json-schema.ts";

/** A schema with values that it mostly admits, their properties in its order. */
export interface SchemaCase {
  schema: JsonSchema;
  values: fc.Arbitrary<unknown>;
  /** A grammar can tell all that the schema says. */
  exact: boolean;
}

const letters = fc.constantFrom("a", "Z", "0", "é", "日", '"', "\\", "\n", "\u0001", "/", "<", "'", " ");
const text = (least = 0, most = 6): fc.Arbitrary<string> =>
  fc.string({ unit: letters, minLength: least, maxLength: most });

const patterns = [
  "^[a-z0-9_-]+$",
  "^(?:foo|bar)baz?$",
  '^[^"\\\\/]{2,5}$',
  "^\\d{3}-\\d{4}( x\\d+)?$",
  "^a.c*(d|e{1,3}|)$",
  "^(a?b?)*$",
  "[0-9]+",
  "^x|y$",
  "^\\$\\.\\[\\]\\(\\)\\|\\\\ \\u00e9\\x41\\/$",
  "^\\w+(\\.\\w+)*@\\w+\\s?$",
  "^[\\w.-]*$",
];
const leaf = (schema: JsonSchema, values: fc.Arbitrary<unknown>, exact = true): SchemaCase => ({
  schema,
  values,
  exact,
});

const strings = fc.oneof(
  fc.constant(leaf({ type: "string" }, text())),
  fc
    .tuple(fc.nat(3), fc.nat(4))
    .map(([least, more]) =>
      leaf({ type: "string", minLength: least, maxLength: least + more }, text(least, least + more)),
    ),
  fc
    .constantFrom(...patterns)
    .map((pattern) => leaf({ type: "string", pattern }, fc.stringMatching(new RegExp(pattern, "u")))),
  fc
    .constantFrom(...Object.entries(formatExamples))
    .map(([format, values]) => leaf({ type: "string", format }, fc.constantFrom(...values), false)),
);

const limits = fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.nat(1500), fc.boolean(), fc.boolean());
const integers = limits.map(([least, more, exclusive, isOpen]) => {
  const top = least + more;
  const above = exclusive ? { exclusiveMinimum: least - 1 } : { minimum: least };
  const schema = { type: "integer", ...above, ...(isOpen ? {} : { maximum: top }) };
  return leaf(schema, fc.oneof(fc.integer({ min: least, max: top }), fc.constantFrom(least, top)));
});
const decimals = fc
  .tuple(fc.integer({ min: -5000, max: 5000 }), fc.nat(4000), fc.constantFrom(1, 10, 1000))
  .map(([least, more, scale]) => {
    const [low, high] = [least / scale, (least + more) / scale];
    const values = fc.oneof(
      fc.double({ min: low, max: high, noNaN: true }),
      fc.constantFrom(low, high, 0, 1e-7, -1e-7),
    );
    return leaf({ type: "number", minimum: low, maximum: high }, values);
  });
const scalars = fc.oneof(
  strings,
  integers,
  decimals,
  fc.constantFrom(
    leaf({ type: "boolean" }, fc.boolean()),
    leaf({ type: "null" }, fc.constant(null)),
    leaf({ type: "integer" }, fc.integer()),
    leaf({ type: "number" }, fc.double({ min: -1e15, max: 1e15, noNaN: true })),
    leaf({ type: ["string", "null"] }, fc.option(text())),
    leaf({ const: 'a"\n' }, fc.constant('a"\n')),
  ),
  fc
    .uniqueArray(fc.oneof(text(), fc.integer(), fc.boolean(), fc.constant(null)), { minLength: 1, maxLength: 14 })
    .map((list) => leaf({ enum: list }, fc.constantFrom(...list))),
);

const keys = ["a", "ab", "b", "é", "x y", "__proto__x", "a-1"];

/** An object with exactly these keys in this order. */
const objectOf = (pairs: readonly (readonly [string, unknown])[]): object => Object.fromEntries(pairs);

type Property = readonly [key: string, required: boolean, value: SchemaCase];

function propertiesCase(properties: readonly Property[], further: false | SchemaCase): SchemaCase {
  const schema = {
    type: "object",
    properties: objectOf(properties.map(([key, , { schema: property }]) => [key, property])) as Record<
      string,
      JsonSchema
    >,
    required: properties.filter(([, required]) => required).map(([key]) => key),
    additionalProperties: further === false ? false : further.schema,
  };
  const present = properties.map(([key, required, { values }]) =>
    fc
      .tuple(required ? fc.constant(true) : fc.boolean(), values)
      .map(([is, value]) => (is ? [[key, value] as const] : [])),
  );
  const others =
    further === false
      ? fc.constant([])
      : fc.array(fc.tuple(fc.constantFrom("z", "aa", "ac"), further.values), { maxLength: 2 });
  const values = fc.tuple(fc.tuple(...present), others).map(([known, rest]) => objectOf([...known.flat(), ...rest]));
  return {
    schema,
    values,
    exact: properties.every(([, , { exact }]) => exact) && (further === false || further.exact),
  };
}

function objects(depth: number): fc.Arbitrary<SchemaCase> {
  const property = (key: string): fc.Arbitrary<Property> =>
    fc.tuple(fc.constant(key), fc.boolean(), schemaCases(depth - 1));
  const properties = fc.subarray(keys, { maxLength: 4 }).chain((some) => fc.tuple(...some.map(property)));
  const further = fc.oneof(fc.constant(false as const), scalars);
  return fc.tuple(properties, further).map(([list, rest]) => propertiesCase(list, rest));
}

/** Two objects in one, and a third that closes it. */
const merged = (depth: number): fc.Arbitrary<SchemaCase> =>
  fc.tuple(scalars, scalars, schemaCases(depth - 1), fc.boolean()).map(([a, b, c, required]) => {
    const { values, exact } = propertiesCase(
      [
        ["a", required, a],
        ["b", false, b],
        ["c", required, c],
      ],
      false,
    );
    const part = (keyed: Record<string, JsonSchema>, list: string[]): JsonSchema => ({
      type: "object",
      properties: keyed,
      required: required ? list : [],
    });
    const closed = { ...part({ a: {}, b: {}, c: {} }, []), additionalProperties: false };
    return {
      schema: { allOf: [part({ a: a.schema, b: b.schema }, ["a"]), part({ c: c.schema }, ["c"]), closed] },
      values,
      exact,
    };
  });

function arrays(depth: number): fc.Arbitrary<SchemaCase> {
  const list = fc
    .tuple(schemaCases(depth - 1), fc.nat(2), fc.nat(3), fc.boolean())
    .map(([item, least, more, isOpen]) => ({
      schema: { type: "array", items: item.schema, minItems: least, ...(isOpen ? {} : { maxItems: least + more }) },
      values: fc.array(item.values, { minLength: least, maxLength: least + more }),
      exact: item.exact,
    }));
  const tuple = fc.tuple(scalars, scalars, scalars, fc.nat(3)).map(([first, second, rest, least]) => ({
    schema: { type: "array", prefixItems: [first.schema, second.schema], items: rest.schema, minItems: least },
    values: fc
      .tuple(first.values, second.values, fc.array(rest.values, { maxLength: 2 }), fc.nat(4))
      .map(([a, b, more, count]) => [a, b, ...more].slice(0, Math.max(count, least))),
    exact: first.exact && second.exact && rest.exact,
  }));
  const unlike = fc
    .nat(3)
    .map((least) =>
      leaf(
        { type: "array", items: { enum: ["x", 1, null] }, uniqueItems: true, minItems: least },
        fc.shuffledSubarray(["x", 1, null], { minLength: least }),
      ),
    );
  return fc.oneof(list, tuple, unlike);
}

const choices = (depth: number): fc.Arbitrary<SchemaCase> =>
  fc
    .tuple(fc.array(schemaCases(depth - 1), { minLength: 1, maxLength: 3 }), fc.constantFrom("anyOf", "oneOf"))
    .map(([cases, keyword]) => ({
      schema: { [keyword]: cases.map(({ schema }) => schema) },
      values: fc.oneof(...cases.map(({ values }) => values)),
      exact: keyword === "anyOf" && cases.every(({ exact }) => exact),
    }));

/** Schemas with all that a grammar can tell, and some that it cannot. */
export function schemaCases(depth: number): fc.Arbitrary<SchemaCase> {
  if (depth === 0) return scalars;
  return fc.oneof(scalars, objects(depth), arrays(depth), choices(depth), merged(depth));
}
