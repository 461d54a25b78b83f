import { type Block, linesOf } from "../blocks.ts";
import { type Declaration, declarationBlocks } from "./declaration.ts";
import { readRestructuredText } from "./restructured-text.ts";

/*
 * Docstrings of Python by lines and brackets: nothing is imported or run. Names with a leading underscore are of the
 * module's own, except in stubs, and are left out.
 */

const definition = /^([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+(\w+)/;
const docstring = /^[ \t]*(?:[rRuU]{0,2})("""|'''|"|')/;
const mostLinesOfSignature = 60;

export function readPythonSource(source: string): Block[] {
  const lines = linesOf(source);
  const head = docstringAt(lines, skipTo(lines, 0));
  const reader = new PythonReader(lines);
  for (let at = head?.next ?? 0; at < lines.length;) at = reader.line(at);
  const module: Block[] = head === undefined ? [] : readRestructuredText(head.text);
  return [...module, ...declarationBlocks(reader.declarations, ".")];
}

interface Scope {
  indent: number;
  name: string;
  /** Whether what is defined in it can be reached by its name. */
  isOpen: boolean;
}

class PythonReader {
  readonly declarations: Declaration[] = [];
  readonly #lines: readonly string[];
  #scopes: Scope[] = [];
  #string: string | undefined;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** The index of the next line to read. */
  line(at: number): number {
    const line = this.#lines[at] ?? "";
    const found = this.#string === undefined ? definition.exec(line) : null;
    this.#string = stringAfter(line, this.#string);
    return found === null ? at + 1 : this.#definition(found, at);
  }

  #definition([, space = "", kind = "", name = ""]: RegExpExecArray, at: number): number {
    this.#scopes = this.#scopes.filter(({ indent }) => indent < space.length);
    const isPublic = !name.startsWith("_") && this.#scopes.every(({ isOpen }) => isOpen);
    const { signature, next } = signatureAt(this.#lines, at);
    const doc = docstringAt(this.#lines, skipTo(this.#lines, next));
    if (isPublic) {
      const names = [...this.#scopes.map((scope) => scope.name), name];
      this.declarations.push({ names, signature, comment: doc?.text ?? "", line: at + 1 });
    }
    this.#scopes.push({ indent: space.length, name, isOpen: kind === "class" && isPublic });
    this.#string = undefined;
    return doc?.next ?? next;
  }
}

/** The string that is open behind this line, when one goes over several. */
function stringAfter(line: string, open: string | undefined): string | undefined {
  let inside = open;
  for (const [mark] of line.matchAll(/\\.|"""|'''|#.*|"(?:[^"\\\n]|\\.)*"(?!")|'(?:[^'\\\n]|\\.)*'(?!')/g)) {
    if (inside !== undefined) {
      if (mark === inside) inside = undefined;
    } else if (mark === '"""' || mark === "'''") inside = mark;
  }
  return inside;
}

/** The first line from here on that holds something else than blanks and comments. */
function skipTo(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && /^\s*(?:#.*)?$/.test(lines[at] ?? "")) at++;
  return at;
}

function signatureAt(lines: readonly string[], from: number): { signature: string; next: number } {
  const rows: string[] = [];
  let depth = 0;
  for (let at = from; at < lines.length && at - from < mostLinesOfSignature; at++) {
    const row = lines[at] ?? "";
    rows.push(row.trim());
    for (const mark of row.replaceAll(/"[^"]*"|'[^']*'|#.*/g, "")) {
      if ("([{".includes(mark)) depth += 1;
      if (")]}".includes(mark)) depth -= 1;
    }
    if (depth <= 0) break;
  }
  const signature = rows
    .join(" ")
    .replace(/:\s*(?:\.\.\.|#.*|pass)?\s*$/, "")
    .replaceAll(/([([])\s+/g, "$1")
    .replaceAll(/,?\s+([)\]])/g, "$1");
  return { signature, next: from + rows.length };
}

function docstringAt(lines: readonly string[], from: number): { text: string; next: number } | undefined {
  const mark = docstring.exec(lines[from] ?? "")?.[1];
  if (mark === undefined) return undefined;
  const rows: string[] = [];
  for (let at = from; at < lines.length; at++) {
    const row = at === from ? (lines[at] ?? "").replace(docstring, "") : (lines[at] ?? "");
    const end = endOf(row, mark);
    rows.push(end === -1 ? row : row.slice(0, end));
    if (end !== -1) return { text: dedented(rows), next: at + 1 };
    if (mark.length === 1) return undefined;
  }
  return { text: dedented(rows), next: lines.length };
}

function endOf(row: string, mark: string): number {
  let at = row.indexOf(mark);
  while (at > 0 && row[at - 1] === "\\") at = row.indexOf(mark, at + 1);
  return at;
}

function dedented(rows: readonly string[]): string {
  const [first = "", ...rest] = rows;
  const indents = rest.filter((row) => row.trim() !== "").map((row) => row.length - row.trimStart().length);
  const indent = indents.length === 0 ? 0 : indents.reduce((least, width) => Math.min(least, width));
  return [first.trim(), ...rest.map((row) => row.slice(indent).trimEnd())].join("\n").trim();
}
