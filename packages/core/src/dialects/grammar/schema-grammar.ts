import { GrammarRules } from "./rules.ts";
import { type GrammarContext, SchemaCompiler } from "./schema-compiler.ts";
import { isSchema } from "./schema-parts.ts";
import { flexibleSeparators, jsonSyntax, type ValueSyntax } from "./value-syntax.ts";

/**
 * GBNF for the texts of the values that a schema admits, rule `root`. What a grammar cannot tell is left to
 * validation. An empty schema asks for an object; `true` admits any value.
 */
export function schemaGrammar(schema: unknown, syntax: ValueSyntax = jsonSyntax(flexibleSeparators)): string {
  const rules = new GrammarRules();
  const root = rules.reserve("root");
  const isEmpty = isSchema(schema) && Object.keys(schema).length === 0;
  const asked = isEmpty ? { type: "object" } : schema;
  rules.define(root, schemaExpression(asked, "value", { rules, syntax, root: schema }));
  return rules.toString();
}

/**
 * GBNF for the values that a schema admits, as a part of a larger grammar; never fails. The expression may be
 * repeated and put in a sequence as it stands. `name` begins the names of rules that are added.
 */
export function schemaExpression(schema: unknown, name: string, context: GrammarContext): string {
  const compiler = new SchemaCompiler(context);
  return compiler.value([schema], { name, path: [] }) ?? compiler.shared.value();
}
