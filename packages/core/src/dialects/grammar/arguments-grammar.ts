import type { JsonSchema } from "../../protocol/tool-call.ts";
import type { JsonType } from "./keywords.ts";
import { objectExpression } from "./object-grammar.ts";
import { type ObjectShape, objectShape } from "./object-shape.ts";
import { anyOf } from "./rules.ts";
import { type GrammarContext, SchemaCompiler } from "./schema-compiler.ts";
import { typeOfValue, typesOf, valuesOf } from "./schema-facts.ts";
import type { Schema, SchemaParts } from "./schema-parts.ts";
import { anyItem, property } from "./value-compiler.ts";

/** One argument of a call. */
export interface CallArgument {
  name: string;
  required: boolean;
  /** The types its values may have; `number` stands for the integers as well. */
  types: ReadonlySet<JsonType>;
  /** GBNF for its values. Adds rules, so it is asked for only where it is used. */
  value: () => string;
}

/** One list of arguments that a tool takes. */
export interface ArgumentList {
  /** In the order in which the schema writes them. */
  known: readonly CallArgument[];
  /** What any further argument must be; absent where there may be none. */
  further?: Omit<CallArgument, "name" | "required">;
}

/** GBNF for the arguments of a call as an object; without properties that is `{}`. `name` is for added rules. */
export function argumentsExpression(parameters: JsonSchema, name: string, context: GrammarContext): string {
  const compiler = new SchemaCompiler(context);
  const lists = objectParts(parameters, compiler.parts);
  const ways = lists?.map((parts) => objectExpression(parts, compiler, { name, path: [] }, true)) ?? [];
  const possible = ways.filter((way) => way !== undefined);
  return possible.length === 0 ? compiler.shared.object() : anyOf(possible);
}

/**
 * The arguments of a call for a syntax that does not write them as an object: one list, or several where the
 * schema has alternatives. No list: any arguments.
 */
export function argumentLists(parameters: JsonSchema, name: string, context: GrammarContext): readonly ArgumentList[] {
  const compiler = new SchemaCompiler(context);
  const place = { name, path: [] };
  const typesFor = (schemas: readonly unknown[]): ReadonlySet<JsonType> => valueTypes(compiler.parts, schemas);
  const lists = objectParts(parameters, compiler.parts)?.map((parts) => objectShape(parts, true)) ?? [];
  return lists
    .filter((shape): shape is ObjectShape => shape !== undefined)
    .map(({ properties, further }) => ({
      known: properties.map(({ key, required, schemas }) => ({
        name: key,
        required,
        types: typesFor(schemas),
        value: () => compiler.value(schemas, property(place, key)) ?? compiler.shared.value(),
      })),
      ...(further === undefined
        ? {}
        : {
            further: {
              types: typesFor(further.values),
              value: () => compiler.value(further.values, anyItem(place)) ?? compiler.shared.value(),
            },
          }),
    }));
}

/** The alternatives of a schema that admit objects; undefined where there are too many or its values are listed. */
function objectParts(parameters: JsonSchema, parts: SchemaParts): readonly (readonly Schema[])[] | undefined {
  const alternatives = parts.alternatives([parameters]);
  if (alternatives?.some((one) => valuesOf(one) !== undefined) !== false) return undefined;
  return alternatives.filter((one) => typesOf(one).has("object"));
}

function valueTypes(parts: SchemaParts, schemas: readonly unknown[]): ReadonlySet<JsonType> {
  const alternatives = parts.alternatives(schemas) ?? [[]];
  return new Set(alternatives.flatMap((one) => [...(valuesOf(one)?.map(typeOfValue) ?? typesOf(one))]));
}
