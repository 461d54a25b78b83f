import type { Block } from "../blocks.ts";
import { type Declaration, declarationBlocks } from "./declaration.ts";

/*
 * `.d.ts` files: declarations of modules, namespaces, interfaces, classes and enums with their doc comments. A
 * scanner, not a parser: it knows comments, strings and brackets, which is all that a declaration file needs.
 */

export const readTypeDeclarations = (source: string): Block[] => {
  const scanner = new Scanner(source);
  const { before, declarations } = scanner.read();
  const head: Block[] = before === "" ? [] : [{ type: "text", text: before, line: 1 }];
  return [...head, ...declarationBlocks(declarations, ".")];
};

const container =
  /^(?:export\s+)?(?:declare\s+)?(?:default\s+)?(?:abstract\s+)?(interface|class|namespace|module|enum|const enum|global)\b\s*(["']?)([\w$./:@-]*)\2/;
const named =
  /^(?:export\s+)?(?:declare\s+)?(?:default\s+)?(?:function\*?|const|let|var|type|abstract class|class|interface|enum|namespace|module)\s+([\w$]+)/;
const member =
  /^(?:(?:public|protected|static|abstract|readonly|override|async|declare)\s+)*(?:(?:get|set)\s+(?=[\w$]+\s*\())?(?:\*\s*)?(["']?)([\w$@.-]+)\1\s*[?!]?\s*[(<:;,=]/;
/** No name is longer than that many names of scopes and its own. */
const deepest = 20;
/** Enough to see how a line ends. */
const longestWord = 80;
const hidden = /^(?:(?:static|readonly|declare)\s+)*(?:private\b|#)/;

interface Scope {
  name: string;
  /** Its members are remarks of their own only when they have a comment; the others are listed in it. */
  isType: boolean;
  isEnum: boolean;
  declaration: Declaration | undefined;
  listed: string[];
}

class Scanner {
  readonly #source: string;
  readonly #declarations: Declaration[] = [];
  readonly #scopes: Scope[] = [];
  #at = 0;
  #line = 1;
  #comment = "";
  #before = "";

  constructor(source: string) {
    this.#source = source;
  }

  read(): { before: string; declarations: Declaration[] } {
    while (this.#at < this.#source.length) this.#statement();
    while (this.#scopes.length > 0) this.#leave();
    return { before: this.#before, declarations: this.#declarations };
  }

  #statement(): void {
    this.#blank();
    const character = this.#source[this.#at];
    if (character === undefined) return;
    if (character === "}") {
      this.#at += 1;
      this.#comment = "";
      this.#leave();
      return;
    }
    const line = this.#line;
    const begin = this.#at;
    const opens = this.#toEnd();
    const head = this.#source.slice(begin, this.#at).replace(/[;,]$/, "");
    if (opens) {
      this.#at += 1;
      this.#enter(head, line);
    } else if (head.trim() !== "") this.#declare(head, line);
    this.#comment = "";
  }

  /** Blanks and comments, of which the last doc comment is kept. */
  #blank(): void {
    for (;;) {
      const rest = /[^\s;,]/g;
      rest.lastIndex = this.#at;
      const next = rest.exec(this.#source)?.index ?? this.#source.length;
      this.#moveTo(next);
      if (!this.#source.startsWith("/", next)) return;
      const comment = this.#commentEnd(next);
      if (comment === undefined) return;
      const text = this.#source.slice(next, comment);
      if (text.startsWith("/**")) {
        if (this.#comment !== "" && this.#declarations.length === 0 && this.#before === "")
          this.#before = this.#comment;
        this.#comment = commentText(text);
      }
      this.#moveTo(comment);
    }
  }

  /** To the end of a statement. True when it stopped at the brace that opens a scope. */
  #toEnd(): boolean {
    const begin = this.#at;
    let depth = 0;
    for (const marks = /["'`/{}()[\];,\n]/g; ;) {
      marks.lastIndex = this.#at;
      const found = marks.exec(this.#source);
      this.#moveTo(found?.index ?? this.#source.length);
      if (found === null) return false;
      const [mark] = found;
      const end = depth === 0 ? this.#endAt(mark, begin) : undefined;
      if (end !== undefined) return end === "scope";
      if ("([{".includes(mark)) depth += 1;
      else if (")]}".includes(mark)) depth = Math.max(0, depth - 1);
      this.#moveTo(this.#behind(mark, found.index));
    }
  }

  /** What a mark outside of brackets ends: the head of a scope, a statement, or nothing. */
  #endAt(mark: string, begin: number): "scope" | "statement" | undefined {
    switch (mark) {
      case "{":
        return isHead(this.#source.slice(begin, this.#at)) ? "scope" : undefined;
      case "}":
      case ";":
        return "statement";
      case ",":
        return this.#scopes.at(-1)?.isEnum === true ? "statement" : undefined;
      case "\n":
        return this.#endsHere(begin) ? "statement" : undefined;
      default:
        return undefined;
    }
  }

  /** Whether a line break ends a statement that has no semicolon. */
  #endsHere(begin: number): boolean {
    const before = this.#source.slice(Math.max(begin, this.#at - longestWord), this.#at).trimEnd();
    const next = /\S{1,2}/g;
    next.lastIndex = this.#at;
    const after = next.exec(this.#source)?.[0] ?? "";
    return (
      !/(?:[=|&?:,<+]|=>|\b(?:extends|implements|keyof|infer|is|in|of))$/.test(before) &&
      !/^(?:[|&?:=.<>)\]{]|=>|ex$|im$)/.test(after)
    );
  }

  #behind(mark: string, index: number): number {
    if (mark === "/") return this.#commentEnd(index) ?? index + 1;
    if (mark === '"' || mark === "'" || mark === "`") return this.#stringEnd(mark, index);
    return index + 1;
  }

  #commentEnd(index: number): number | undefined {
    const isLine = this.#source.startsWith("//", index);
    if (!isLine && !this.#source.startsWith("/*", index)) return undefined;
    const end = this.#source.indexOf(isLine ? "\n" : "*/", index + 2);
    if (end === -1) return this.#source.length;
    return isLine ? end : end + 2;
  }

  #stringEnd(mark: string, index: number): number {
    for (let at = index + 1; at < this.#source.length; at++) {
      if (this.#source[at] === "\\") at++;
      else if (this.#source[at] === mark) return at + 1;
      else if (mark !== "`" && this.#source[at] === "\n") return at;
    }
    return this.#source.length;
  }

  #moveTo(index: number): void {
    for (
      let at = this.#source.indexOf("\n", this.#at);
      at !== -1 && at < index;
      at = this.#source.indexOf("\n", at + 1)
    )
      this.#line++;
    this.#at = index;
  }

  #enter(head: string, line: number): void {
    const [, kind = "", , name = ""] = container.exec(head) ?? [];
    const isEnum = kind.endsWith("enum");
    const isType = kind === "interface" || kind === "class" || isEnum;
    const scope: Scope = { name: name === "" ? kind : name, isType, isEnum, declaration: undefined, listed: [] };
    this.#scopes.push(scope);
    if (!isType && this.#comment === "") return;
    scope.declaration = { names: this.#names(), signature: oneStatement(head), comment: this.#comment, line };
    this.#declarations.push(scope.declaration);
  }

  #leave(): void {
    const scope = this.#scopes.pop();
    if (scope?.declaration === undefined || scope.listed.length === 0) return;
    const members = scope.listed.map((row) => `  ${row}`).join("\n");
    scope.declaration.signature += ` {\n${members}\n}`;
  }

  #names(own: readonly string[] = []): string[] {
    return [...this.#scopes.slice(-deepest).map(({ name }) => name), ...own];
  }

  #declare(head: string, line: number): void {
    const scope = this.#scopes.at(-1);
    if (scope?.isType === true) this.#declareMember(scope, head, line);
    else this.#put(named.exec(head)?.[1], head, line);
  }

  /** Call signatures have no name of their own and are of their type. */
  #declareMember(scope: Scope, head: string, line: number): void {
    if (hidden.test(head)) return;
    const name = member.exec(`${head};`)?.[2];
    if (name === undefined || this.#comment === "") scope.listed.push(oneStatement(head));
    else this.#put(name, head, line);
  }

  #put(name: string | undefined, head: string, line: number): void {
    if (name === undefined) return;
    const names = this.#names([name]);
    this.#declarations.push({ names, signature: oneStatement(head), comment: this.#comment, line });
  }
}

/** Whether a brace behind this opens a scope, and no type among the type parameters. */
function isHead(text: string): boolean {
  if (!container.test(text)) return false;
  const open = text.replaceAll("=>", "");
  return open.split("<").length === open.split(">").length;
}

const oneStatement = (head: string): string =>
  head
    .replaceAll(/\/\*[^]*?\*\//g, "")
    .split("\n")
    .map((row) => row.trimEnd())
    .filter((row) => row !== "")
    .join("\n")
    .trim();

/** What stands in a doc comment, without its stars. */
const commentText = (comment: string): string =>
  comment
    .replace(/^\/\*\*+/, "")
    .replace(/\*+\/$/, "")
    .split("\n")
    .map((row) => row.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .replaceAll(/\{@(?:link(?:code|plain)?)\s+([^}|]+)(?:\|[^}]*)?\}/g, "$1")
    .trim();
