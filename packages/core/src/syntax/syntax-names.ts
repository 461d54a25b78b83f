import type { SymbolKind } from "../protocol/code.ts";
import { type Grammar, type NumberedRule, role } from "./grammar.ts";
import type { ParsedTree, TreeNode } from "./parsed-tree.ts";
import type { DefinitionRule } from "./rules/rules.ts";

const longestSignature = 200;
/** Fields that lead on to a declared name, and those that never hold one. */
const inwards = ["declarator", "name", "left", "pattern"];
const outwards = ["type", "right", "parameters", "size", "key", "object", "attribute", "subscript", "body"];
const memberFields = ["attribute", "field", "property", "method", "name"];
/** Names made of several, one grammar's or another's. */
const paths =
  /^(?:qualified_identifier|qualified_name|namespace_name|scope_resolution|destructor_name|operator_name|operator_cast|nested_namespace_specifier|nested_identifier|string|word)$/;

/** Finds the names that nodes declare, and the words in which they do. */
export class SyntaxNames {
  readonly #tree: ParsedTree;
  readonly #text: string;
  readonly #grammar: Grammar;
  readonly #inwards: ReadonlySet<number>;
  readonly #outwards: ReadonlySet<number>;
  readonly #memberFields: ReadonlySet<number>;

  constructor(tree: ParsedTree, text: string, grammar: Grammar) {
    this.#tree = tree;
    this.#text = text;
    this.#grammar = grammar;
    const numbers = (names: readonly string[]): Set<number> => new Set(names.map(grammar.field).filter((id) => id > 0));
    this.#inwards = numbers(inwards);
    this.#outwards = numbers(outwards);
    this.#memberFields = numbers(memberFields);
  }

  text(node: TreeNode | undefined): string {
    return node === undefined ? "" : this.#text.slice(node.from, node.to);
  }

  has(children: readonly TreeNode[], field: string): boolean {
    const id = this.#grammar.field(field);
    return children.some((child) => child.field === id);
  }

  isMemberField(field: number): boolean {
    return this.#memberFields.has(field);
  }

  /** The nodes that are the names which a definition gives. */
  declaredBy(node: TreeNode, children: readonly TreeNode[], rule: NumberedRule): TreeNode[] {
    if (this.#isName(node)) return [node];
    const { kind, names = ["name"], nameFields } = rule;
    const held = children.filter(({ field }) => nameFields.has(field));
    if (kind === "scope") return held.slice(0, 1);
    if (held.length > 0) return held.flatMap((one) => this.#namesIn(one, 0));
    const plain = children.filter((child) => this.#isName(child));
    if (kind !== "local") return plain.slice(0, 1);
    if (names.length > 0) return [];
    return children
      .filter(({ field }) => !this.#outwards.has(field))
      .flatMap((one) => this.#namesIn(one, 0))
      .filter((one) => this.#isPlain(one));
  }

  /** A name of several parts: what it lies in, joined by dots, and its last part. A module keeps them all. */
  split(text: string, kind: SymbolKind | "scope"): { name: string; path: string } {
    if (kind === "module") return { name: text.replaceAll(/^["']|["']$/g, ""), path: "" };
    if (/^operator\b/.test(text)) return { name: text, path: "" };
    const parts = text.replaceAll(/\s*<[^<>]*>/g, "").split(/\s*::\s*/);
    return { name: parts.pop()?.trim() ?? text, path: parts.filter((part) => part !== "").join(".") };
  }

  refinedKind({ refine }: DefinitionRule, children: readonly TreeNode[]): SymbolKind | undefined {
    if (refine === undefined) return undefined;
    for (const child of children) {
      const kind = refine[this.#type(child)];
      if (kind !== undefined) return kind;
      const deeper = this.#inwards.has(child.field)
        ? this.refinedKind({ kind: "local", refine }, this.#tree.children(child))
        : undefined;
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  }

  /** Its text up to the body in one line; without a body its first line. */
  signature(start: number, node: TreeNode, children: readonly TreeNode[]): string {
    const end = this.#bodyStart(children) ?? this.#firstLineEnd(start, node.to);
    const line = this.#text.slice(start, Math.min(end, start + 4 * longestSignature)).replaceAll(/\s+/g, " ");
    const trimmed = line
      .trim()
      .replace(/\s*(?:\{|=>|:|=|;|,)$/, "")
      .toWellFormed();
    return trimmed.length > longestSignature ? `${trimmed.slice(0, longestSignature - 1).toWellFormed()}…` : trimmed;
  }

  /** Where it begins after its annotations. */
  declarationStart(node: TreeNode): number {
    if (this.#grammar.rules.annotations.length === 0) return node.from;
    for (const child of this.#tree.allChildren(node)) {
      const bits = this.#grammar.roles[child.type] ?? 0;
      if ((bits & (role.annotation | role.skipped)) !== 0) continue;
      if (this.#type(child) !== "modifiers") return child.from;
      const inner = this.#tree
        .allChildren(child)
        .find(({ type }) => ((this.#grammar.roles[type] ?? 0) & role.annotation) === 0);
      if (inner !== undefined) return inner.from;
    }
    return node.from;
  }

  #bodyStart(children: readonly TreeNode[]): number | undefined {
    const body = this.#grammar.field("body");
    const value = this.#grammar.field("value");
    const own = children.find(({ field }) => field > 0 && field === body);
    if (own !== undefined) return own.from;
    const held = children.find(({ field }) => field > 0 && field === value);
    if (held === undefined) return undefined;
    return this.#tree.children(held).find(({ field }) => field > 0 && field === body)?.from;
  }

  #firstLineEnd(start: number, end: number): number {
    const lineEnd = this.#text.indexOf("\n", start);
    return lineEnd < 0 ? end : Math.min(lineEnd, end);
  }

  #namesIn(node: TreeNode, depth: number): TreeNode[] {
    if (this.#isName(node)) return [node];
    // Nobody nests patterns or declarators deeper; only generated text does.
    if (node.data === 0 || depth > 20) return [];
    const children = this.#tree.children(node);
    const inner = children.filter(({ field }) => this.#inwards.has(field));
    const chosen = inner.length > 0 ? inner : children.filter(({ field }) => !this.#outwards.has(field));
    return chosen.flatMap((child) => this.#namesIn(child, depth + 1));
  }

  /** What the parser put in where a name is missing is none. */
  #isName(node: TreeNode): boolean {
    if (node.from === node.to) return false;
    const bits = this.#grammar.roles[node.type] ?? 0;
    return (bits & (role.name | role.member)) !== 0 || ((bits & role.named) !== 0 && paths.test(this.#type(node)));
  }

  #isPlain({ type }: TreeNode): boolean {
    return ((this.#grammar.roles[type] ?? 0) & role.name) !== 0;
  }

  #type(node: TreeNode): string {
    return this.#grammar.types[node.type] ?? "";
  }
}
