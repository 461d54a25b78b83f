import type { JsonSchema } from "../../protocol/tool-call.ts";
import type { JsonRules } from "./json-rules.ts";
import { literal, sequence } from "./rules.ts";

/** What building an object needs: the name its rules get, and how a property's schema becomes an expression. */
export interface ObjectContext {
  name: string;
  json: JsonRules;
  expression: (schema: JsonSchema, name: string) => string;
}

/**
 * An object whose properties come in the schema's order: all required ones and any of the others. It is closed
 * unless `additionalProperties` says otherwise; further properties come last.
 */
export function objectExpression(schema: JsonSchema, context: ObjectContext): string {
  const { name, json } = context;
  const further = furtherPair(schema, context);
  if (Object.keys(schema.properties ?? {}).length === 0) {
    return further === undefined ? json.object() : json.rules.add(name, json.mapOf(further.value));
  }
  return closedObject(schema, context, further?.pair);
}

/** The arguments of a call: like `objectExpression`, but no properties means `{}`. */
export function argumentsExpression(schema: JsonSchema, context: ObjectContext): string {
  const empty = Object.keys(schema.properties ?? {}).length === 0 && !isOpen(schema);
  return empty ? literal("{}") : objectExpression(schema, context);
}

const isOpen = ({ additionalProperties: further }: JsonSchema): boolean => further !== undefined && further !== false;

interface Further {
  value: string;
  pair: string;
}

function furtherPair(schema: JsonSchema, { name, json, expression }: ObjectContext): Further | undefined {
  const { additionalProperties: further } = schema;
  if (further === undefined || further === false) return undefined;
  const value = further === true ? json.value() : expression(further, `${name}-value`);
  return { value, pair: json.pair(value) };
}

function closedObject(schema: JsonSchema, context: ObjectContext, further: string | undefined): string {
  const { name, json, expression } = context;
  const { comma, colon, pad } = json.separators;
  const required = new Set(schema.required);
  const properties = Object.entries(schema.properties ?? {}).map(([key, value]) => ({
    pair: `${literal(JSON.stringify(key))} ${colon} ${expression(value, `${name}-${key}`)}`,
    required: required.has(key),
  }));
  // Built from the last property to the first: what may follow when something, or nothing, stands before it.
  let rest = further === undefined ? "" : json.rules.add(`${name}-rest`, `( ${comma} ${further} )*`);
  const first = further === undefined ? [] : [sequence(further, rest)];
  let canBeEmpty = true;
  for (const property of properties.toReversed()) {
    const pair = json.rules.add(`${name}-pair`, property.pair);
    if (property.required) first.length = 0;
    first.unshift(sequence(pair, rest));
    canBeEmpty &&= !property.required;
    const next = property.required ? `${comma} ${pair}` : `( ${comma} ${pair} )?`;
    rest = json.rules.add(`${name}-rest`, sequence(next, rest));
  }
  const content = sequence(pad, `( ${first.join(" | ")} )`, pad);
  return json.rules.add(name, `"{" ${canBeEmpty ? `( ${content} )?` : content} "}"`);
}
