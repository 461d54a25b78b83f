import { anyOf, repeated, sequence } from "./rules.ts";
import { countsOf, typesOf, valuesOf } from "./schema-facts.ts";
import { listIn, type Schema } from "./schema-parts.ts";
import { anyItem, type Place, type ValueCompiler } from "./value-compiler.ts";

const mostItems = 256;
const mostPositions = 64;
/** The orders of unlike values take a rule for each subset of them. */
const mostUnlikeValues = 5;

interface Items {
  /** The schemas of the first items. */
  first: readonly (readonly unknown[])[];
  /** The schemas of each further item. */
  further: readonly unknown[];
  least: number;
  most: number;
}

/**
 * Items in brackets. Items that `prefixItems` describes may be missing down to `minItems`; more may follow
 * only where `items` describes them.
 */
export function arrayExpression(parts: readonly Schema[], compiler: ValueCompiler, place: Place): string | undefined {
  const items = itemsOf(parts);
  if (items === undefined) return compiler.shared.array();
  const unlike = parts.some((part) => part["uniqueItems"] === true) ? unlikeValues(items, compiler) : undefined;
  if (unlike !== undefined) return unlikeItems(unlike, items, { compiler, place });
  return listedItems(items, compiler, place);
}

/** Undefined where nothing is said about items, or too much. */
function itemsOf(parts: readonly Schema[]): Items | undefined {
  const shapes = parts.map(itemSchemas);
  const positions = Math.max(0, ...shapes.map(({ first }) => first.length));
  const [least, most] = countsOf(parts, "minItems", "maxItems");
  const further = shapes.flatMap(({ further: schema }) => schema);
  if (positions > mostPositions || (positions === 0 && further.length === 0 && least === 0 && most === Infinity))
    return undefined;
  const first = Array.from({ length: Math.min(positions, most) }, (_, index) =>
    shapes.flatMap((shape) => (index < shape.first.length ? [shape.first[index]] : shape.further)),
  );
  return { first, further, least, most };
}

/** One schema's items, by position and after them. Both the newer and the older way to write a tuple. */
function itemSchemas({ prefixItems, items, additionalItems }: Schema): Record<"first" | "further", readonly unknown[]> {
  const first = Array.isArray(prefixItems) ? listIn(prefixItems) : listIn(items);
  const rest = Array.isArray(items) ? additionalItems : items;
  if (rest !== undefined) return { first, further: [rest] };
  return { first, further: first.length > 0 ? [false] : [] };
}

function listedItems(items: Items, compiler: ValueCompiler, place: Place): string | undefined {
  const { rules } = compiler.shared;
  const comma = compiler.shared.comma();
  const { least } = items;
  const { known, rest, most } = itemExpressions(items, compiler, place);
  if (least > most) return undefined;
  const before = Math.max(known.length, 1);
  let tail = "";
  if (rest !== undefined && most > before) {
    const next = rules.add(`${place.name}-next`, sequence(comma, rest));
    const from = Math.min(Math.max(0, least - before), mostItems);
    tail = repeated(next, from, most - before > mostItems ? Infinity : most - before);
  }
  const listed = known.length === 0 && rest !== undefined ? [rest] : known;
  for (const [index, item] of [...listed.entries()].toReversed()) {
    const start = sequence(index === 0 ? "" : comma, item, tail);
    tail = index < least ? start : rules.add(`${place.name}-tail`, `( ${start} )?`);
  }
  return rules.add(place.name, compiler.shared.brackets(tail));
}

/** The items up to the first that nothing can stand for, and what may follow them. */
function itemExpressions(
  { first, further, most }: Items,
  compiler: ValueCompiler,
  place: Place,
): { known: readonly string[]; rest: string | undefined; most: number } {
  const known: string[] = [];
  for (const schemas of first) {
    const item = compiler.value(schemas, anyItem(place));
    if (item === undefined) return { known, rest: undefined, most: known.length };
    known.push(item);
  }
  const rest = most > known.length ? compiler.value(further, anyItem(place)) : undefined;
  return { known, rest, most: rest === undefined ? known.length : most };
}

/** The values of an item, where there are so few that none need be repeated. */
function unlikeValues({ first, further }: Items, compiler: ValueCompiler): readonly string[] | undefined {
  const [only, ...others] = first.length > 0 ? [] : (compiler.parts.alternatives(further) ?? []);
  if (only === undefined || others.length > 0) return undefined;
  const isBoolean = typesOf(only).size === 1 && typesOf(only).has("boolean");
  const values = valuesOf(only) ?? (isBoolean ? [true, false] : undefined);
  if (values === undefined || values.length > mostUnlikeValues) return undefined;
  const constants = values.map((value) => compiler.shared.constant(value));
  return constants.includes(undefined) ? undefined : [...new Set(constants.filter((one) => one !== undefined))];
}

/** Each value at most once, in any order. */
function unlikeItems(
  values: readonly string[],
  { least, most }: Items,
  { compiler, place }: { compiler: ValueCompiler; place: Place },
): string | undefined {
  if (least > values.length) return undefined;
  const { shared } = compiler;
  const known = new Map<string, string>();
  /** What may follow after the values that are not `left`. */
  const following = (left: readonly string[]): string => {
    const count = values.length - left.length;
    if (left.length === 0 || count >= most) return "";
    const comma = count === 0 ? "" : shared.comma();
    const key = left.join(" ");
    const rule =
      known.get(key) ??
      shared.rules.add(
        `${place.name}-left`,
        anyOf(left.map((value) => sequence(comma, value, following(left.filter((other) => other !== value))))),
      );
    known.set(key, rule);
    return count >= least ? `${rule}?` : rule;
  };
  return shared.rules.add(place.name, shared.brackets(following(values)));
}
