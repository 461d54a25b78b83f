import fc from "fast-check";

import type { JsonSchema } from "../../../src/protocol/tool-call.ts";

export type ValueType = "string" | "integer" | "float" | "boolean" | "null" | "list" | "dict";

/** A parameter of a function: how the documentation declares it, and which values it really takes. */
export interface Parameter {
  schema: JsonSchema;
  /** Where there is `float`, whole numbers are taken as well. */
  types: readonly ValueType[];
  /** A list's items, where the documentation says what they are. */
  items?: Parameter;
  /** A dict's entries, where the documentation names them. */
  fields?: readonly Field[];
  /** A value as ground truths have it: a dict whose entries are named has for each a list of acceptable values. */
  value: fc.Arbitrary<unknown>;
}

export interface Field {
  name: string;
  required: boolean;
  parameter: Parameter;
}

const text = fc.oneof(
  fc.stringMatching(/^[a-z][a-z ]{0,14}[a-z]$/),
  fc.constantFrom(
    "San Francisco, CA",
    "2023-04-01",
    "x^2 + 3*x",
    "O'Neill",
    'the "big" one',
    "C:\\temp\\a.csv",
    "líne één\nline two",
    "東京 🗼",
    "a < b && b > c",
    "SELECT * FROM users WHERE age > 30;",
    "lambda x: x**2",
  ),
);
const whole = fc.oneof(fc.integer({ min: -100, max: 5000 }), fc.integer());
const real = fc.oneof(
  whole,
  fc.integer({ min: -999_999, max: 999_999 }).map((hundreds) => hundreds / 100),
  fc.constantFrom(6.674e-11, 299_792_458, 1e21, 0.1, -0.5),
);

/** One of the names that documentation has for a type. */
const named = (
  names: readonly string[],
  types: readonly ValueType[],
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<Parameter> => fc.constantFrom(...names).map((type) => ({ schema: { type }, types, value }));

const string = named(["string", "str"], ["string"], text);
const integer = named(["integer", "int"], ["integer"], whole);
const float = named(["float", "number"], ["float"], real);
const boolean = named(["boolean", "bool"], ["boolean"], fc.boolean());
const anything = named(
  ["any"],
  ["string", "float", "boolean", "null", "list", "dict"],
  fc.oneof(text, real, fc.boolean(), fc.array(whole, { maxLength: 3 })),
);
const entry = fc.stringMatching(/^[a-z]{1,6}$/);
const freeDict = named(["dict", "object"], ["dict"], fc.dictionary(entry, fc.oneof(text, real), { maxKeys: 3 }));
const freeList = named(["list", "array"], ["list"], fc.array(fc.oneof(text, real), { maxLength: 4 }));

function listed(names: readonly string[], type: ValueType, values: fc.Arbitrary<unknown>): fc.Arbitrary<Parameter> {
  return fc
    .tuple(fc.constantFrom(...names), fc.uniqueArray(values, { minLength: 2, maxLength: 5 }))
    .map(([name, some]) => ({ schema: { type: name, enum: some }, types: [type], value: fc.constantFrom(...some) }));
}
const choice = fc.oneof(
  listed(["string", "str"], "string", fc.constantFrom("celsius", "kelvin", "m/s", "Mon-Fri", "en_US", "GPT 4", "none")),
  listed(["integer", "int"], "integer", fc.integer({ min: 0, max: 60 })),
);

const nullable = fc.oneof(string, integer, float, boolean).map((one): Parameter => ({
  schema: { type: [String(one.schema.type), "null"] },
  types: [...one.types, "null"],
  value: fc.oneof(one.value, fc.constant(null)),
}));

/** A scalar or a list of such. */
const oneOrMany = fc.oneof(string, float).map((one): Parameter => {
  const many = listOf(one, "array");
  return {
    schema: { anyOf: [one.schema, many.schema] },
    types: [...one.types, "list"],
    items: one,
    value: fc.oneof(one.value, many.value),
  };
});

function listOf(items: Parameter, type: string): Parameter {
  const value = fc.array(items.value, { maxLength: 4 });
  return { schema: { type, items: items.schema }, types: ["list"], items, value };
}

/** Parameters of functions are a dict as well. */
export function dictOf(fields: readonly Field[], type: string): Parameter {
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  const properties = Object.fromEntries(fields.map(({ name, parameter }) => [name, parameter.schema]));
  const schema = { type, properties, ...(required.length > 0 ? { required } : {}) };
  const values = fields.map(({ name, required: isRequired, parameter }): [string, fc.Arbitrary<unknown>] => {
    const acceptable = fc.array(parameter.value, { minLength: 1, maxLength: 3 });
    return [name, isRequired ? acceptable : acceptable.map((some) => [...some, ""])];
  });
  return { schema, types: ["dict"], fields, value: fc.record(Object.fromEntries(values)) };
}

/** With what documentation says beside the type. */
const described = (parameter: Parameter, note: number): Parameter => {
  const description = note % 3 === 0 ? "What it is about. Default is 10." : "What it is about.";
  const schema = { ...parameter.schema, description };
  return { ...parameter, schema: note % 5 === 0 ? { ...schema, default: note % 2 === 0 ? "celsius" : null } : schema };
};

const names = [
  ["base", "height", "unit", "location", "date_range", "numItems", "point1", "max_price", "class", "from"],
  ["title", "is_active", "x0", "lang", "filters", "cuisineType", "id", "tolerance", "a", "start_time"],
].flat();

const nesting = fc.createDepthIdentifier();

/** The entries of a dict or the parameters of a function, in their order. */
export const { fields } = fc.letrec<{ parameter: Parameter; fields: Field[] }>((tie) => ({
  parameter: fc
    .tuple(
      fc.oneof(
        { maxDepth: 2, depthIdentifier: nesting },
        fc.oneof(string, string, integer, float, boolean, choice, nullable, oneOrMany, anything, freeDict, freeList),
        fc
          .tuple(tie("parameter"), fc.constantFrom("array", "list", "tuple"))
          .map(([items, type]) => listOf(items, type)),
        fc.tuple(tie("fields"), fc.constantFrom("dict", "object")).map(([inner, type]) => dictOf(inner, type)),
      ),
      fc.nat(29),
    )
    .map(([parameter, note]) => described(parameter, note)),
  fields: fc.uniqueArray(
    fc.record({ name: fc.constantFrom(...names), required: fc.boolean(), parameter: tie("parameter") }),
    { minLength: 1, maxLength: 5, selector: ({ name }) => name },
  ),
}));
