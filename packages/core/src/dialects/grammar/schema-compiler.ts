import type { JsonSchema } from "../../protocol/tool-call.ts";
import { arrayExpression } from "./array-grammar.ts";
import type { JsonType } from "./keywords.ts";
import { objectExpression } from "./object-grammar.ts";
import type { GrammarRules } from "./rules.ts";
import { integerExpression, numberExpression, stringExpression } from "./scalar-grammar.ts";
import { typeOfValue, typesOf, valuesOf } from "./schema-facts.ts";
import { isSchema, type Schema, SchemaParts } from "./schema-parts.ts";
import { SyntaxRules } from "./syntax-rules.ts";
import type { Place, ValueCompiler } from "./value-compiler.ts";
import type { ValueSyntax } from "./value-syntax.ts";

/** What a schema is compiled with. */
export interface GrammarContext {
  /** The rules of the whole grammar, to which the schema's are added. */
  rules: GrammarRules;
  syntax: ValueSyntax;
  /** The document that `$ref` refers to. */
  root: unknown;
  /**
   * GBNF to use for a schema instead of its own, for example literals that are known to be right. Asked for each
   * schema of a property or item as it is written there; `path` has the property names from the root down, `*` for
   * items and further properties. A schema that several places refer to is compiled once, at the first of them.
   */
  override?: (schema: JsonSchema, path: readonly string[]) => string | undefined;
}

/** Beyond any of these a schema admits any value, and validation does the rest. */
const limits = { depth: 32, schemas: 4000, length: 100_000, values: 256, valuesLength: 8000 };

/** A list of schemas that was met before. While its rule is being made, `name` is what refers to it. */
interface Known {
  isDone: boolean;
  name?: string;
  expression?: string | undefined;
}

export class SchemaCompiler implements ValueCompiler {
  readonly shared: SyntaxRules;
  readonly parts: SchemaParts;
  readonly #context: GrammarContext;
  readonly #known = new Map<string, Known>();
  readonly #numbers = new Map<Schema, number>();
  readonly #longest: number;
  #met = 0;

  constructor(context: GrammarContext) {
    this.#context = context;
    this.shared = new SyntaxRules(context.rules, context.syntax);
    this.parts = new SchemaParts(context.root);
    this.#longest = context.rules.length + limits.length;
  }

  value(schemas: readonly unknown[], place: Place): string | undefined {
    const instead = this.#overridden(schemas, place);
    if (instead !== undefined) return instead;
    if (this.#isTooMuch(place)) return this.shared.value();
    const alternatives = this.parts.alternatives(schemas);
    if (alternatives === undefined) return this.shared.value();
    const ways = alternatives.map((parts) => this.#alternative(parts, place)).filter((way) => way !== undefined);
    if (ways.length === 0) return undefined;
    const distinct = [...new Set(ways)];
    return distinct.length === 1 ? distinct[0] : this.shared.rules.add(place.name, distinct.join(" | "));
  }

  /** Nothing that a schema holds may make a grammar without end. */
  #isTooMuch(place: Place): boolean {
    return place.path.length > limits.depth || ++this.#met > limits.schemas || this.shared.rules.length > this.#longest;
  }

  #overridden(schemas: readonly unknown[], { path }: Place): string | undefined {
    const { override } = this.#context;
    if (override === undefined) return undefined;
    return schemas
      .filter(isSchema)
      .map((schema) => override(schema, path))
      .find((expression) => expression !== undefined);
  }

  /** The same schemas give the same rule, which may refer to itself. */
  #alternative(parts: readonly Schema[], place: Place): string | undefined {
    const { rules } = this.shared;
    const key = parts.map((part) => this.#number(part)).join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known.isDone ? known.expression : (known.name ??= rules.reserve(place.name));
    const entry: Known = { isDone: false };
    this.#known.set(key, entry);
    const expression = this.#conjunction(parts, place);
    if (entry.name !== undefined) rules.define(entry.name, expression ?? this.shared.value());
    entry.expression = expression;
    entry.isDone = true;
    return expression;
  }

  #number(part: Schema): number {
    const number = this.#numbers.get(part) ?? this.#numbers.size;
    this.#numbers.set(part, number);
    return number;
  }

  #conjunction(parts: readonly Schema[], place: Place): string | undefined {
    if (parts.length === 0) return this.shared.value();
    const values = valuesOf(parts);
    if (values === undefined) return this.#types(typesOf(parts), parts, place);
    if (values.length === 0) return undefined;
    this.#met += Math.floor(values.length / limits.values);
    const isListed = values.length <= limits.values && JSON.stringify(values).length <= limits.valuesLength;
    const listed = isListed ? this.shared.constants(values) : undefined;
    if (listed === undefined) return this.#types(new Set(values.map(typeOfValue)), parts, place);
    return listed.includes(" ")
      ? this.shared.rules.shared(`${this.shared.syntax.name} ${listed}`, () => listed, place.name)
      : listed;
  }

  #types(types: ReadonlySet<JsonType>, parts: readonly Schema[], place: Place): string | undefined {
    const ways = [...types].map((type) => this.#type(type, parts, place)).filter((way) => way !== undefined);
    if (ways.length <= 1) return ways[0];
    return this.shared.rules.add(place.name, ways.join(" | "));
  }

  #type(type: JsonType, parts: readonly Schema[], place: Place): string | undefined {
    switch (type) {
      case "string":
        return stringExpression(parts, this.shared, place.name);
      case "integer":
        return integerExpression(parts, this.shared, place.name);
      case "number":
        return numberExpression(parts, this.shared, place.name);
      case "boolean":
        return this.shared.boolean();
      case "null":
        return this.shared.null();
      case "array":
        return arrayExpression(parts, this, place);
      case "object":
        return objectExpression(parts, this, place);
    }
  }
}
