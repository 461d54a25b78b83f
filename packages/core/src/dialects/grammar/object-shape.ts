import { countsOf } from "./schema-facts.ts";
import { isSchema, listIn, type Schema, schemasIn } from "./schema-parts.ts";

/** The properties of an object that a list of schemas admits together; of no syntax. */
export interface ObjectShape {
  properties: readonly ShapeProperty[];
  /** What any further property must be; absent where there may be none. */
  further?: { values: readonly unknown[]; names: readonly unknown[] };
  /** Further properties whose names match a regular expression. */
  matching: readonly { pattern: string; value: unknown }[];
  least: number;
  most: number;
}
interface ShapeProperty {
  key: string;
  required: boolean;
  schemas: readonly unknown[];
}

const mostProperties = 256;
const mostLetters = 20_000;

/**
 * Properties in the order in which the schemas write them, then those that are only required. Without a word on
 * additional properties an object that lists its properties is closed, as is one that `isClosed`. Undefined: too many.
 */
export function objectShape(parts: readonly Schema[], isClosed: boolean): ObjectShape | undefined {
  const required = new Set(parts.flatMap((part) => listIn(part["required"])).filter((key) => typeof key === "string"));
  const furthers = parts.map(furtherSchema).filter((schema) => schema !== undefined);
  const lists = parts.some((part) => isSchema(part["properties"]) || isSchema(part["patternProperties"]));
  const isOpen = furthers.length > 0 ? !furthers.includes(false) : !lists && !isClosed;
  const keys = new Set([
    ...parts.flatMap((part) => Object.keys(schemasIn(part["properties"]))),
    ...(isOpen ? [] : parts.flatMap(conditionalKeys)),
    ...required,
  ]);
  if (keys.size > mostProperties || [...keys].join("").length > mostLetters) return undefined;
  const [least, most] = countsOf(parts, "minProperties", "maxProperties");
  const names = parts.map((part) => part["propertyNames"]).filter((schema) => schema !== undefined);
  return {
    properties: [...keys].map((key) => ({ key, required: required.has(key), schemas: schemasOfKey(parts, key) })),
    ...(isOpen ? { further: { values: furthers, names } } : {}),
    matching: parts.flatMap(matchingPairs),
    least,
    most,
  };
}

const furtherSchema = (part: Schema): unknown => part["additionalProperties"] ?? part["unevaluatedProperties"];

const matchingPairs = (part: Schema): { pattern: string; value: unknown }[] =>
  Object.entries(schemasIn(part["patternProperties"])).map(([pattern, value]) => ({ pattern, value }));

/** Properties that a schema knows under a condition; whether it holds is not for a grammar to tell. */
const conditionalKeys = (part: Schema): string[] =>
  [part["then"], part["else"], part["if"], ...Object.values(schemasIn(part["dependentSchemas"]))].flatMap((schema) =>
    Object.keys(schemasIn(schemasIn(schema)["properties"])),
  );

/** What each schema asks of the value of a key. Whether a key matches a regular expression is not looked at. */
const schemasOfKey = (parts: readonly Schema[], key: string): unknown[] =>
  parts.flatMap((part) => {
    const properties = schemasIn(part["properties"]);
    if (Object.hasOwn(properties, key)) return [properties[key]];
    const isElsewhere = isSchema(part["patternProperties"]) || conditionalKeys(part).includes(key);
    return isElsewhere ? [] : [part["additionalProperties"] ?? true];
  });
