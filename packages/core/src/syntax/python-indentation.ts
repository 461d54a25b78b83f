import type { ParseError } from "../protocol/code.ts";

const most = 5;
const tabWidth = 8;

/**
 * What Python itself has against the indentation of a text, which its grammar forgives: blocks that are missing, lines
 * that begin too deep or on no open level. Source: the rules of the reference's lexical analysis.
 */
export function indentationErrors(text: string): ParseError[] {
  const errors: ParseError[] = [];
  const levels = [0];
  let opensBlock = false;
  for (const { line, indent, endsInColon } of logicalLines(text)) {
    if (errors.length >= most) break;
    const fault = faultOf(indent, levels, opensBlock);
    if (fault !== undefined) errors.push({ line, column: indent + 1, message: fault });
    while ((levels.at(-1) ?? 0) > indent) levels.pop();
    if ((levels.at(-1) ?? 0) < indent) levels.push(indent);
    opensBlock = endsInColon;
  }
  return errors;
}

function faultOf(indent: number, levels: readonly number[], opensBlock: boolean): string | undefined {
  const top = levels.at(-1) ?? 0;
  if (opensBlock) return indent > top ? undefined : "expected an indented block";
  if (indent > top) return "unexpected indentation";
  return levels.includes(indent) ? undefined : "the indentation fits no outer block";
}

interface LogicalLine {
  /** From 1. */
  line: number;
  /** In columns, tabs up to the next multiple of eight. */
  indent: number;
  endsInColon: boolean;
}

const depths: Readonly<Record<string, number>> = { "(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1 };
/** Blanks; a string up to its end, or to that of the line; a comment; words and operators; one other character. */
const piece =
  /[ \t\f]+|("""|''')[\s\S]*?(?:(?<!\\)(?:\\\\)*\1|$)|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|#[^\n]*|\\\r?\n|[\w.,=+\-*/%<>!@&|^~;]+|[\s\S]/g;
const isNothing = (found: string): boolean => /^(?:\s|#|\\\r?\n)/.test(found);

/** Lines as Python counts them: brackets, strings and backslashes hold several together; empty ones do not count. */
function* logicalLines(text: string): Generator<LogicalLine, void, void> {
  let [line, depth] = [1, 0];
  let current: Omit<LogicalLine, "endsInColon"> | undefined;
  let [blanks, last] = ["", ""];
  for (const [found] of text.matchAll(piece)) {
    if (found === "\n" && depth === 0) {
      if (current !== undefined) yield { ...current, endsInColon: last === ":" };
      [current, blanks] = [undefined, ""];
    } else if (!isNothing(found)) {
      current ??= { line, indent: columnsOf(blanks) };
      last = found;
      depth = Math.max(0, depth + (depths[found] ?? 0));
    } else if (current === undefined) blanks = found;
    line += countNewlines(found);
  }
  if (current !== undefined) yield { ...current, endsInColon: last === ":" };
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function columnsOf(blanks: string): number {
  let columns = 0;
  for (const blank of blanks) {
    if (blank === "\t") columns += tabWidth - (columns % tabWidth);
    else columns = blank === "\f" ? 0 : columns + 1;
  }
  return columns;
}
