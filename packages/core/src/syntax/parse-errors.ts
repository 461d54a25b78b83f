import type { ParseError } from "../protocol/code.ts";
import type { Grammar } from "./grammar.ts";
import type { Lines } from "./lines.ts";
import { errorType, type ParsedTree, type TreeNode } from "./parsed-tree.ts";

const longestQuote = 30;
const closers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** The error that a node is, in the words of somebody who must mend it; undefined: a part of it says it better. */
export function errorOf(node: TreeNode, tree: ParsedTree, grammar: Grammar, text: string): Fault | undefined {
  if (node.isMissing) {
    const type = grammar.types[node.type] ?? "";
    const isWord = /^\w+$/.test(type) && isNamed(grammar, node.type);
    return { at: node.from, message: `missing ${isWord ? type.replaceAll("_", " ") : quote(type)}` };
  }
  const children = tree.allChildren(node);
  const bracket = oddBracket(children, grammar);
  if (bracket !== undefined) return bracket;
  if (children.some(({ type }) => type === errorType)) return undefined;
  const rest = text.slice(node.from, node.to).trim();
  return { at: node.from, message: rest === "" ? "unexpected end" : `unexpected ${quote(rest)}` };
}

export interface Fault {
  at: number;
  message: string;
}

export const parseErrorAt = ({ at, message }: Fault, lines: Lines): ParseError => ({
  line: lines.lineAt(at),
  column: lines.columnAt(at),
  message,
});

/** The innermost bracket that nothing closes, or the first that closes nothing. */
function oddBracket(children: readonly TreeNode[], grammar: Grammar): Fault | undefined {
  const open: { sign: string; at: number }[] = [];
  for (const { type, from } of children) {
    if (isNamed(grammar, type)) continue;
    const sign = grammar.types[type] ?? "";
    const opener = closers[sign];
    if (sign === "(" || sign === "[" || sign === "{") open.push({ sign, at: from });
    else if (opener !== undefined && open.pop()?.sign !== opener) return { at: from, message: `unexpected "${sign}"` };
  }
  const last = open.at(-1);
  return last === undefined ? undefined : { at: last.at, message: `"${last.sign}" is never closed` };
}

const isNamed = (grammar: Grammar, type: number): boolean => (grammar.roles[type] ?? 0) !== 0;

function quote(text: string): string {
  const line = (/^[^\r\n]*/.exec(text)?.[0] ?? "").replaceAll(/\p{Cc}/gu, "\uFFFD").toWellFormed();
  return `"${line.length > longestQuote ? `${line.slice(0, longestQuote).toWellFormed()}…` : line}"`;
}
