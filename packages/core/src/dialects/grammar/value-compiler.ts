import type { SchemaParts } from "./schema-parts.ts";
import type { SyntaxRules } from "./syntax-rules.ts";

/** Where in a value a schema stands. */
export interface Place {
  /** Names of rules begin with it. */
  name: string;
  /** Property names from the root down; `*` is any item or any further property. */
  path: readonly string[];
}

/** What the grammars of arrays and objects need of the compiler. */
export interface ValueCompiler {
  readonly shared: SyntaxRules;
  readonly parts: SchemaParts;
  /** The GBNF of the values that all of these schemas admit; undefined where there is none. */
  value(schemas: readonly unknown[], place: Place): string | undefined;
}

export const property = ({ name, path }: Place, key: string): Place => ({
  name: `${name}-${key}`,
  path: [...path, key],
});

export const anyItem = ({ name, path }: Place): Place => ({ name: `${name}-item`, path: [...path, "*"] });
