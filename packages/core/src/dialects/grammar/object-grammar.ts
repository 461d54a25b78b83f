import { keyExcept } from "./key-grammar.ts";
import { type ObjectShape, objectShape } from "./object-shape.ts";
import { propertySequence } from "./property-sequence.ts";
import { repeated, sequence } from "./rules.ts";
import type { Schema } from "./schema-parts.ts";
import { anyItem, type Place, property, type ValueCompiler } from "./value-compiler.ts";

const mostPairs = 256;

/** An object whose properties come in the schema's order: all required ones, any of the others, then further ones. */
export function objectExpression(
  parts: readonly Schema[],
  compiler: ValueCompiler,
  place: Place,
  isClosed = false,
): string | undefined {
  const { shared } = compiler;
  const shape = objectShape(parts, isClosed);
  if (shape === undefined) return shared.object();
  const pairs = pairsOf(shape, compiler, place);
  if (pairs === undefined || shape.least > shape.most) return undefined;
  const further = furtherPair(shape, compiler, place);
  if (pairs.length === 0 && further !== undefined) return mapExpression(further, shape, compiler, place);
  const content = propertySequence(pairs, {
    rules: shared.rules,
    name: place.name,
    separator: shared.comma(),
    further,
    isNeverEmpty: shape.least > 0,
  });
  return shared.rules.add(place.name, shared.braces(content));
}

/** Undefined where a required property admits no value. */
function pairsOf(
  { properties }: ObjectShape,
  compiler: ValueCompiler,
  place: Place,
): { pair: string; required: boolean }[] | undefined {
  const { shared } = compiler;
  const pairs: { pair: string; required: boolean }[] = [];
  for (const { key, required, schemas } of properties) {
    const value = compiler.value(schemas, property(place, key));
    if (value !== undefined) pairs.push({ pair: shared.pair(shared.key(key), value), required });
    else if (required) return undefined;
  }
  return pairs;
}

function furtherPair(shape: ObjectShape, compiler: ValueCompiler, place: Place): string | undefined {
  const ways = [...matchingPairs(shape, compiler, place), ...openPair(shape, compiler, place)];
  return ways.length === 0 ? undefined : compiler.shared.rules.add(`${place.name}-further`, ways.join(" | "));
}

function matchingPairs({ matching }: ObjectShape, compiler: ValueCompiler, place: Place): string[] {
  return matching.slice(0, mostPairs).flatMap(({ pattern, value }) => {
    const expression = compiler.value([value], anyItem(place));
    return expression === undefined
      ? []
      : [compiler.shared.pair(keyExpression([{ pattern }], compiler, place), expression)];
  });
}

function openPair({ further, properties }: ObjectShape, compiler: ValueCompiler, place: Place): string[] {
  if (further === undefined) return [];
  const { shared } = compiler;
  const value = compiler.value(further.values, anyItem(place));
  if (value === undefined) return [];
  const keys = properties.map(({ key }) => key);
  const isNamed = further.names.length === 0 && keys.length > 0;
  const key = isNamed ? keyExcept(keys, shared, `${place.name}-key`) : keyExpression(further.names, compiler, place);
  return [shared.pair(key, value)];
}

/** Keys are strings; where they stand without quotes any will do. */
function keyExpression(names: readonly unknown[], compiler: ValueCompiler, place: Place): string {
  const { shared } = compiler;
  if (names.length === 0 || shared.syntax.bareKeys !== undefined) return shared.freeKey();
  return compiler.value([{ type: "string" }, ...names], { ...place, name: `${place.name}-key` }) ?? shared.freeKey();
}

function mapExpression(pair: string, { least, most }: ObjectShape, { shared }: ValueCompiler, { name }: Place): string {
  const { rules } = shared;
  if (most === 0) return rules.add(name, shared.braces(""));
  const next = rules.add(`${name}-next`, sequence(shared.comma(), pair));
  const further = repeated(
    next,
    Math.min(Math.max(0, least - 1), mostPairs),
    most - 1 > mostPairs ? Infinity : most - 1,
  );
  const content = sequence(pair, further);
  return rules.add(name, shared.braces(least > 0 ? content : `( ${content} )?`));
}
