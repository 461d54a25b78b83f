import type { JsonSchema } from "../../protocol/tool-call.ts";
import { exactSeparators, JsonRules, type Separators } from "./json-rules.ts";
import { argumentsExpression, type ObjectContext, objectExpression } from "./object-grammar.ts";
import { anyOf, GrammarRules, literal } from "./rules.ts";

/**
 * GBNF for the JSON texts that a schema admits, rule `root`. What it does not know (`$ref`, `allOf`, unknown
 * types) admits any JSON value, and limits such as `pattern` or `minimum` are left to validation afterwards.
 */
export function schemaGrammar(schema: JsonSchema, separators: Separators = exactSeparators): string {
  const rules = new GrammarRules();
  rules.shared("root", () => schemaExpression(schema, "value", new JsonRules(rules, separators)));
  return rules.toString();
}

/** The GBNF expression for `schema`; `name` is used in the names of rules that it adds. */
function schemaExpression(schema: JsonSchema, name: string, json: JsonRules): string {
  if (schema.const !== undefined) return json.constant(schema.const);
  if (schema.enum !== undefined && schema.enum.length > 0) return anyOf(schema.enum.map((one) => json.constant(one)));
  const variants = schema.properties === undefined ? (schema.anyOf ?? schema.oneOf ?? []) : [];
  if (variants.length > 0) return anyOf(variants.map((one) => schemaExpression(one, name, json)));
  const { type } = schema;
  if (type !== undefined && typeof type !== "string") {
    const types = type.map((one) => typeExpression(one, schema, name, json));
    return types.length === 0 ? json.value() : anyOf(types);
  }
  return typeExpression(type ?? impliedType(schema), schema, name, json);
}

/** The GBNF expression for the arguments of a call. */
export function callArgumentsExpression(parameters: JsonSchema, name: string, json: JsonRules): string {
  return argumentsExpression(parameters, objectContext(name, json));
}

const objectContext = (name: string, json: JsonRules): ObjectContext => ({
  name,
  json,
  expression: (schema, ruleName) => schemaExpression(schema, ruleName, json),
});

function impliedType(schema: JsonSchema): string {
  if (schema.properties !== undefined) return "object";
  return schema.items === undefined ? "any" : "array";
}

function typeExpression(type: string, schema: JsonSchema, name: string, json: JsonRules): string {
  switch (type) {
    case "string":
      return json.string();
    case "integer":
      return json.integer();
    case "number":
      return json.number();
    case "boolean":
      return json.boolean();
    case "null":
      return literal("null");
    case "array":
      return arrayExpression(schema, name, json);
    case "object":
      return objectExpression(schema, objectContext(name, json));
    default:
      return json.value();
  }
}

function arrayExpression({ items }: JsonSchema, name: string, json: JsonRules): string {
  if (items === undefined) return json.array();
  return json.rules.add(name, json.arrayOf(schemaExpression(items, `${name}-item`, json)));
}
