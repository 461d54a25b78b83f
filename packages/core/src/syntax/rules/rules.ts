import type { Import, ParseError, SymbolKind } from "../../protocol/code.ts";

/** What a type of node defines. `local`: names that nothing outside sees; `scope`: only a container, as Rust's impl. */
export interface DefinitionRule {
  kind: SymbolKind | "local" | "scope";
  /** Fields that hold its names. Default: `name`; without such a field its first name counts. */
  names?: readonly string[];
  /** Its parents, where only some make it a definition. */
  within?: readonly string[];
  /** A field without which it is only a mention, as a body. */
  requires?: string;
  /** What its kind becomes when one of its parts is of such a type. */
  refine?: Readonly<Record<string, SymbolKind>>;
}

export type ImportedNames = Pick<Import, "from" | "names">;

/** How a type of node imports. */
export interface ImportRule {
  /** For calls: what may be called. */
  callees?: readonly string[];
  /** A field without which it imports nothing. */
  requires?: string;
  read: (text: string) => ImportedNames[];
}

/** The place of a definition: what holds it, and that one's text up to its own name. */
export interface Parent {
  kind: SymbolKind | "scope";
  head: string;
}

/** Everything that Trust knows of a language's grammar, as data. Names of node types and fields are the grammar's. */
export interface LanguageRules {
  grammar: string;
  definitions: Readonly<Record<string, DefinitionRule>>;
  imports: Readonly<Record<string, ImportRule>>;
  /** Names that may be those of locals. */
  names: readonly string[];
  /** Names of types and members, which no local hides. */
  members: readonly string[];
  /** What a definition on the same line begins with, as an export or a declaration of several. */
  wrappers: readonly string[];
  /** What stands before a definition without being part of its first line. */
  annotations: readonly string[];
  /** Functions without a name: what is declared in them is local. */
  closures: readonly string[];
  /** Types that hold no references. */
  skipped: readonly string[];
  /** Lists what is exported by name elsewhere in the file. */
  exportLists?: readonly string[];
  /** Words of a larger language that are plain names in this one. */
  foreignWords?: RegExp;
  /** What the language has against a text that its grammar forgives. */
  errors?: (text: string) => ParseError[];
  /** `head` is the definition's text before its name. */
  isExported: (head: string, name: string, parent: Parent | undefined) => boolean;
  isConstant?: (head: string, name: string) => boolean;
  /** For a definition that names its own container, as a method its receiver. */
  containerOf?: (head: string) => string | undefined;
}

/** The first quoted text. */
export const quoted = (text: string): string | undefined => /(["'`])([^"'`\n]+)\1/.exec(text)?.[2];

/** A path whose last name is what is imported: `a.b.C` → `a.b`, [`C`]. */
export function splitLast(path: string, separator: string): ImportedNames {
  const cut = path.lastIndexOf(separator);
  return cut < 0
    ? { from: path, names: [] }
    : { from: path.slice(0, cut), names: [path.slice(cut + separator.length)] };
}

/** Reads the file that a call or statement names. */
export const quotedFile: ImportRule["read"] = (text) => {
  const from = quoted(text);
  return from === undefined ? [] : [{ from, names: [] }];
};
