import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import type * as TreeSitter from "@vscode/tree-sitter-wasm";

import { type LanguageTables, readLanguageTables } from "./language-tables.ts";
import { ParsedTree } from "./parsed-tree.ts";
import { rulesOf } from "./rules/index.ts";
import type { DefinitionRule, ImportRule, LanguageRules } from "./rules/rules.ts";

/** What a type of node is for the rules of its language; bits of `Grammar.roles`. */
export const role = {
  name: 1,
  member: 2,
  wrapper: 4,
  annotation: 8,
  closure: 16,
  skipped: 32,
  exportList: 64,
  named: 128,
} as const;

export interface NumberedRule extends DefinitionRule {
  /** The numbers of the fields that hold its names. */
  nameFields: ReadonlySet<number>;
}

/** A grammar with its language's rules by number of type, so that a walk compares no words. */
export interface Grammar {
  rules: LanguageRules;
  types: readonly string[];
  definitions: readonly (NumberedRule | undefined)[];
  imports: readonly (ImportRule | undefined)[];
  roles: Uint8Array;
  /** The number of a field; 0 when the grammar has none of that name. */
  field: (name: string) => number;
  /** Gives the tree to `read` and frees it. */
  parse: <T>(text: string, read: (tree: ParsedTree) => T) => T | undefined;
}

const pageBytes = 65_536;
const folder = dirname(createRequire(import.meta.url).resolve("@vscode/tree-sitter-wasm"));
const grammars = new Map<string, Promise<Grammar>>();
let runtime: Promise<Runtime> | undefined;

interface Runtime {
  library: typeof TreeSitter.default;
  memory: Memory;
}

/** Node's types do not declare it. */
interface Memory {
  /** Another one after each growth. */
  readonly buffer: ArrayBuffer;
}
type MemoryConstructor = new (size: { initial: number; maximum: number }) => Memory;
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: MemoryConstructor } };

/** The grammar of a language of `rulesOf`, loaded once in a thread. */
export function grammarOf(language: string): Promise<Grammar> {
  const loading = grammars.get(language) ?? loadGrammar(language);
  grammars.set(language, loading);
  return loading;
}

/** What the parsers of this thread hold. */
export async function memoryBytes(): Promise<number> {
  return (await runtime)?.memory.buffer.byteLength ?? 0;
}

async function startRuntime(): Promise<Runtime> {
  const { default: library } = await import("@vscode/tree-sitter-wasm");
  const memory = new WebAssembly.Memory({ initial: (32 << 20) / pageBytes, maximum: 2 ** 31 / pageBytes });
  const options: object = { wasmMemory: memory };
  await library.Parser.init(options as Parameters<typeof library.Parser.init>[0]);
  return { library, memory };
}

async function loadGrammar(name: string): Promise<Grammar> {
  const { library, memory } = await (runtime ??= startRuntime());
  const rules = rulesOf[name];
  if (rules === undefined) throw new RangeError(`no grammar for ${name}`);
  const language = await library.Language.load(await readFile(join(folder, `tree-sitter-${rules.grammar}.wasm`)));
  const tables = readLanguageTables(memory.buffer, addressOf(language));
  const parser = new library.Parser();
  parser.setLanguage(language);
  return { ...compileRules(language, rules), parse: (text, read) => parseWith({ parser, memory, tables }, text, read) };
}

interface Parsing {
  parser: TreeSitter.Parser;
  memory: Memory;
  tables: LanguageTables;
}

function parseWith<T>({ parser, memory, tables }: Parsing, text: string, read: (tree: ParsedTree) => T): T | undefined {
  const tree = parser.parse(text);
  if (tree === null) return undefined;
  try {
    return read(new ParsedTree(memory.buffer, addressOf(tree), tables));
  } finally {
    tree.delete();
  }
}

function compileRules(language: TreeSitter.Language, rules: LanguageRules): Omit<Grammar, "parse"> {
  const { types } = language;
  const fields = new Map(language.fields.map((name, id) => [name, id]));
  const named = types.map((_, id) => language.nodeTypeIsNamed(id));
  const byType = <T>(table: Readonly<Record<string, T>>): (T | undefined)[] =>
    types.map((type, id) => (named[id] === true && Object.hasOwn(table, type) ? table[type] : undefined));
  const lists: [number, readonly string[]][] = [
    [role.name, rules.names],
    [role.member, rules.members],
    [role.wrapper, rules.wrappers],
    [role.annotation, rules.annotations],
    [role.closure, rules.closures],
    [role.skipped, rules.skipped],
    [role.exportList, rules.exportLists ?? []],
  ];
  const roleOf = (type: string): number =>
    lists.reduce<number>((sum, [bit, listed]) => (listed.includes(type) ? sum | bit : sum), role.named);
  const roles = new Uint8Array(types.map((type, id) => (named[id] === true ? roleOf(type) : 0)));
  const numbered = (rule: DefinitionRule): NumberedRule => {
    const { names = ["name"] } = rule;
    return { ...rule, nameFields: new Set(names.map((name) => fields.get(name)).filter((id) => id !== undefined)) };
  };
  return {
    rules,
    types,
    definitions: byType(rules.definitions).map((rule) => rule && numbered(rule)),
    imports: byType(rules.imports),
    roles,
    field: (name) => fields.get(name) ?? 0,
  };
}

/** The library keeps the address of what it holds in memory under 0, and does not declare it. */
const addressOf = (held: object): number => (held as { readonly 0: number })[0];
