import { type Block, linesOf } from "../blocks.ts";
import { type Declaration, declarationBlocks } from "./declaration.ts";
import { readMarkdown } from "./markdown.ts";

const item =
  /^(\s*)(pub\s+)?(?:(?:default|const|async|unsafe|extern(?:\s+"[^"]*")?)\s+)*(fn|struct|enum|union|trait|type|mod|const|static|macro_rules!|macro)\s+(\w+)/;
const implementation = /^(\s*)(?:unsafe\s+)?impl\b(?:<.*?>)?\s+(?:[\w:<>&', ]+?\s+for\s+)?([\w:]+)/;
const mostLinesOfSignature = 40;

interface Scope {
  indent: number;
  name: string;
  isPublic: boolean;
  isTrait: boolean;
}

/** Rust: the comment of the file and public items with their comments; scopes are told by how far lines are indented. */
export function readRustSource(source: string): Block[] {
  const lines = linesOf(source);
  const reader = new RustReader();
  for (const [index, line] of lines.entries()) reader.line(line, index, lines);
  return reader.blocks();
}

class RustReader {
  readonly #head: string[] = [];
  readonly #declarations: Declaration[] = [];
  #scopes: Scope[] = [];
  #comment: string[] = [];
  #isExported = false;
  #attribute = false;

  blocks(): Block[] {
    return [...readMarkdown(this.#head.join("\n")), ...declarationBlocks(this.#declarations, "::")];
  }

  line(line: string, index: number, lines: readonly string[]): void {
    const text = line.trim();
    if (text.startsWith("//!")) this.#head.push(text.slice(3).replace(/^ /, ""));
    else if (text.startsWith("///")) this.#comment.push(text.slice(3).replace(/^ /, ""));
    else if (this.#attribute || text.startsWith("#[") || text.startsWith("#![")) {
      if (text.includes("macro_export")) this.#isExported = true;
      this.#attribute = !text.endsWith("]");
    } else if (text !== "" && !text.startsWith("//")) {
      this.#item(line, index, lines);
      this.#comment = [];
      this.#isExported = false;
    }
  }

  #item(line: string, index: number, lines: readonly string[]): void {
    const indent = line.length - line.trimStart().length;
    this.#scopes = this.#scopes.filter((scope) => scope.indent < indent);
    const found = item.exec(line);
    if (found === null) {
      const owner = implementation.exec(line)?.[2];
      if (owner !== undefined) this.#scopes.push({ indent, name: owner, isPublic: true, isTrait: false });
      return;
    }
    const [, , visibility, kind = "", name = ""] = found;
    const isPublic = this.#isReachable(visibility !== undefined);
    if (isPublic) {
      const names = [...this.#scopes.map((scope) => scope.name), name];
      const comment = this.#comment.join("\n");
      this.#declarations.push({ names, signature: signatureAt(lines, index), comment, line: index + 1 });
    }
    if (kind === "mod" || kind === "trait") this.#scopes.push({ indent, name, isPublic, isTrait: kind === "trait" });
  }

  /** What a trait holds is as public as the trait, and an exported macro says so in an attribute. */
  #isReachable(isMarked: boolean): boolean {
    const isPublic = isMarked || this.#isExported || this.#scopes.at(-1)?.isTrait === true;
    return isPublic && this.#scopes.every((scope) => scope.isPublic);
  }
}

function signatureAt(lines: readonly string[], from: number): string {
  const rows: string[] = [];
  for (const row of lines.slice(from, from + mostLinesOfSignature)) {
    rows.push(row.trimEnd());
    if (/[{;]\s*$|\}\s*$/.test(row)) break;
  }
  return rows
    .join("\n")
    .replace(/\s*[{;]\s*$/, "")
    .trim();
}
