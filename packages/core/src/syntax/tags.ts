import type { Definition, FileTags, Import, ParseError, SymbolKind } from "../protocol/code.ts";
import { type Grammar, type NumberedRule, role } from "./grammar.ts";
import { Lines } from "./lines.ts";
import { NameUses } from "./name-uses.ts";
import { errorOf, parseErrorAt } from "./parse-errors.ts";
import { errorType, type ParsedTree, type TreeNode } from "./parsed-tree.ts";
import type { Parent } from "./rules/rules.ts";
import { SyntaxNames } from "./syntax-names.ts";

const mostErrors = 20;

/** Where a node lies. `wrapper`: what holds it and may be the beginning of its definition, as `export`. */
interface Place {
  node: TreeNode;
  scope: Scope;
  parentType: number;
  wrapper: Place | undefined;
}

interface Scope {
  path: string;
  parent: Parent | undefined;
  isFunction: boolean;
  isExported: boolean;
}

/** A node whose definition and children are known. */
interface Opened {
  scope: Scope;
  bits: number;
  children: readonly TreeNode[];
}

interface Found extends Place {
  name: TreeNode;
  children: readonly TreeNode[];
}

const names = role.name | role.member;
const holders = new Set<string>(["class", "interface", "enum", "module", "function", "method", "scope"]);
const memberHolders = new Set<string>(["class", "interface", "enum", "scope"]);
const memberKinds: Partial<Record<string, SymbolKind>> = { function: "method", variable: "field" };
const functions = new Set<string>(["function", "method"]);
const hidden = new Set<string>(["variable", "constant", "field"]);

/** What is in a file. One pass over its tree in the order of the text. */
export function readTags(tree: ParsedTree, text: string, grammar: Grammar): Omit<FileTags, "language" | "isPartial"> {
  return new TagCollector(tree, text, grammar).collect();
}

class TagCollector {
  readonly #tree: ParsedTree;
  readonly #text: string;
  readonly #grammar: Grammar;
  readonly #lines: Lines;
  readonly #names: SyntaxNames;
  readonly #uses = new NameUses();
  readonly #definitions: Definition[] = [];
  readonly #imports: Import[] = [];
  readonly #errors: ParseError[] = [];
  readonly #exportedNames = new Set<string>();
  /** Where names stand that are declared there, not used. */
  readonly #declared = new Set<number>();

  constructor(tree: ParsedTree, text: string, grammar: Grammar) {
    this.#tree = tree;
    this.#text = text;
    this.#grammar = grammar;
    this.#lines = new Lines(text);
    this.#names = new SyntaxNames(tree, text, grammar);
  }

  collect(): Omit<FileTags, "language" | "isPartial"> {
    const scope: Scope = { path: "", parent: undefined, isFunction: false, isExported: true };
    // A stack of our own: nesting is as deep as the file makes it.
    const stack: Place[] = [{ node: this.#tree.root, scope, parentType: 0, wrapper: undefined }];
    for (let place = stack.pop(); place !== undefined; place = stack.pop()) this.#visit(place, stack);
    for (const definition of this.#definitions) {
      if (definition.container === undefined && this.#exportedNames.has(definition.name)) definition.exported = true;
    }
    const known = [...this.#definitions.map(({ name }) => name), ...this.#imports.flatMap(({ names }) => names)];
    return {
      definitions: this.#definitions,
      references: this.#uses.references(new Set(known)),
      imports: this.#imports,
      errors: this.#errors,
    };
  }

  #visit(place: Place, stack: Place[]): void {
    const { node } = place;
    const bits = this.#grammar.roles[node.type] ?? 0;
    if (node.type === errorType || node.isMissing) this.#addError(node);
    if ((bits & role.skipped) !== 0) return;
    const rule = this.#grammar.definitions[node.type];
    const isName = (bits & names) !== 0;
    // Most nodes are signs and words of the grammar.
    if (node.data === 0 && !isName && rule === undefined) return;
    const children = this.#tree.children(node);
    const scope = rule === undefined ? place.scope : this.#define(rule, place, children);
    if (this.#addImports(node, children)) return;
    if (isName) this.#use(node, bits);
    else this.#descend(place, { scope, bits, children }, stack);
  }

  #descend(place: Place, { scope, bits, children }: Opened, stack: Place[]): void {
    if ((bits & role.exportList) !== 0) this.#exportedNames.add(this.#names.text(children[0]));
    const inner = (bits & role.closure) === 0 ? scope : { ...scope, isFunction: true };
    const wrapper = (bits & role.wrapper) === 0 ? undefined : place;
    for (let index = children.length - 1; index >= 0; index--) {
      const node = children[index];
      if (node !== undefined) stack.push({ node, scope: inner, parentType: place.node.type, wrapper });
    }
  }

  #addError(node: TreeNode): void {
    if (this.#errors.length >= mostErrors) return;
    const fault = errorOf(node, this.#tree, this.#grammar, this.#text);
    if (fault !== undefined) this.#errors.push(parseErrorAt(fault, this.#lines));
  }

  #use(node: TreeNode, bits: number): void {
    if (this.#declared.has(node.from)) return;
    const isMember = (bits & role.member) !== 0 || this.#names.isMemberField(node.field);
    this.#uses.add(this.#names.text(node), this.#lines.lineAt(node.from), isMember);
  }

  /** Whether the node imports something. */
  #addImports(node: TreeNode, children: readonly TreeNode[]): boolean {
    const rule = this.#grammar.imports[node.type];
    if (rule === undefined) return false;
    if (rule.callees !== undefined && !rule.callees.includes(this.#names.text(children[0]))) return false;
    if (rule.requires !== undefined && !this.#names.has(children, rule.requires)) return false;
    const found = rule.read(this.#text.slice(node.from, node.to)).filter(({ from }) => from !== "");
    const line = this.#lines.lineAt(node.from);
    for (const { from, names } of found) this.#imports.push({ from, line, names });
    return found.length > 0;
  }

  /** Adds what a node defines; gives the scope of what lies in it. */
  #define(rule: NumberedRule, place: Place, children: readonly TreeNode[]): Scope {
    const { node, scope, parentType } = place;
    if (rule.within !== undefined && !rule.within.includes(this.#grammar.types[parentType] ?? "")) return scope;
    if (rule.requires !== undefined && !this.#names.has(children, rule.requires)) return scope;
    const declared = this.#names.declaredBy(node, children, rule);
    const isLocal = rule.kind === "local" || (scope.isFunction && hidden.has(rule.kind));
    if (isLocal) {
      for (const name of declared) this.#uses.addLocal(this.#names.text(name));
      for (const { from } of declared) this.#declared.add(from);
      return scope;
    }
    let inner = scope;
    for (const name of declared) inner = this.#add(rule, { ...place, name, children });
    return inner;
  }

  #add(rule: NumberedRule, found: Found): Scope {
    const { node, scope, name: at, children } = found;
    const { rules } = this.#grammar;
    const start = this.#start(found);
    const head = this.#text.slice(start, at.from);
    const kind = this.#kindOf(rule, found, head);
    const { name, path } = this.#names.split(this.#names.text(at), kind);
    if (name === "") return scope;
    const container = [scope.path, path, rules.containerOf?.(head)].filter(Boolean).join(".");
    const exported = scope.isExported && !scope.isFunction && rules.isExported(head, name, scope.parent);
    if (kind !== "scope") {
      this.#declared.add(at.from);
      // Built the same way each time: what V8 compiled for one definition fits the next.
      const definition: Definition = {
        name,
        kind: path !== "" && kind === "function" ? "method" : kind,
        line: this.#lines.lineAt(start),
        endLine: this.#lines.lineAt(Math.max(node.from, node.to - 1)),
        signature: this.#names.signature(start, node, children),
        exported,
      };
      if (container !== "") definition.container = container;
      this.#definitions.push(definition);
    }
    if (!holders.has(kind)) return scope;
    return {
      path: [container, name].filter(Boolean).join("."),
      parent: { kind, head },
      isFunction: scope.isFunction || functions.has(kind),
      isExported: kind === "scope" ? scope.isExported : exported,
    };
  }

  #kindOf(rule: NumberedRule, { scope, name, children }: Found, head: string): SymbolKind | "scope" {
    const plain = rule.kind === "local" ? "variable" : rule.kind;
    const kind = this.#names.refinedKind(rule, children) ?? plain;
    const { isConstant } = this.#grammar.rules;
    if (kind === "variable" && isConstant?.(head, this.#names.text(name)) === true) return "constant";
    const isMember = scope.parent !== undefined && memberHolders.has(scope.parent.kind);
    return isMember ? (memberKinds[kind] ?? kind) : kind;
  }

  /** Where a definition begins: with what leads to it on the same line, without annotations. */
  #start({ node, wrapper }: Place): number {
    const own = this.#names.declarationStart(node);
    const outer = wrapper === undefined ? own : this.#start(wrapper);
    return this.#text.slice(outer, own).includes("\n") ? own : outer;
  }
}
