import { type Block, linesOf, paragraphs } from "../blocks.ts";
import { type Declaration, declarationBlocks } from "./declaration.ts";

const declared = /^(func|type|var|const)\s+(?:\((?:\w+\s+)?\*?(\w+)(?:\[[^\]]*\])?\)\s*)?(\w+)/;
const member = /^\s+(\p{Lu}\w*)\b/u;
const mostLinesOfType = 60;
const longestBlock = 5000;

/** Go: the comment of the package and what is exported, with the comments that stand right before it. */
export function readGoSource(source: string): Block[] {
  const lines = linesOf(source);
  const declarations: Declaration[] = [];
  const head: Block[] = [];
  let comment: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const block = line.startsWith("/*") ? blockComment(lines, at) : undefined;
    if (block !== undefined) {
      comment = block.rows;
      at = block.last;
    } else if (line.startsWith("//")) {
      if (!/^\/\/(?:go:|\s*\+build|nolint)/.test(line)) comment.push(line.replace(/^\/\/ ?/, ""));
    } else {
      if (line.startsWith("package ")) head.push(...packageBlocks(line, comment, at + 1));
      else at = declareAt(lines, at, comment, declarations);
      comment = [];
    }
  }
  return [...head, ...declarationBlocks(declarations, ".")];
}

function packageBlocks(line: string, comment: readonly string[], number: number): Block[] {
  if (comment.length === 0) return [];
  return [{ type: "heading", level: 1, text: line.trim(), line: number }, ...paragraphs(comment.join("\n"), 1)];
}

function blockComment(lines: readonly string[], from: number): { rows: string[]; last: number } {
  let last = from;
  while (last < lines.length - 1 && lines[last]?.includes("*/") !== true) last++;
  const text = lines.slice(from, last + 1).join("\n");
  return {
    rows: text
      .replace(/^\/\*/, "")
      .replace(/\*\/.*$/, "")
      .split("\n"),
    last,
  };
}

/** Adds what is declared on this line; the index of the last line that it took. */
function declareAt(lines: readonly string[], at: number, comment: readonly string[], found: Declaration[]): number {
  const line = lines[at] ?? "";
  const text = comment.join("\n").trim();
  if (/^(?:var|const|type)\s*\(\s*(?:\/\/.*)?$/.test(line)) return declareGroup(lines, at, text, found);
  const [, kind, receiver, name = ""] = declared.exec(line) ?? [];
  const isExported = isUpper(name) && (receiver === undefined || isUpper(receiver));
  if (kind === undefined || !isExported) return at;
  const names = receiver === undefined ? [name] : [receiver, name];
  const { signature, last } = kind === "func" ? functionHead(lines, at) : bodyOf(lines, at);
  found.push({ names, signature, comment: text, line: at + 1 });
  return last;
}

const isUpper = (name: string): boolean => /^\p{Lu}/u.test(name);

function functionHead(lines: readonly string[], from: number): { signature: string; last: number } {
  const rows: string[] = [];
  let open = 0;
  for (const row of lines.slice(from, from + mostLinesOfType)) {
    rows.push(row);
    open += row.split("(").length - row.split(")").length;
    if (open <= 0) break;
  }
  return { signature: rows.join("\n").replace(/\s*\{[^{}]*\}?\s*$/, ""), last: from + rows.length - 1 };
}

/** The first line behind this one that ends a block, within what is shown of it. */
function endOfBlock(lines: readonly string[], from: number): number | undefined {
  const index = lines.slice(from + 1, from + 1 + longestBlock).findIndex((line) => /^[)}]/.test(line));
  return index === -1 ? undefined : from + 1 + index;
}

/** A type with its fields, or a value. */
function bodyOf(lines: readonly string[], from: number): { signature: string; last: number } {
  const first = lines[from] ?? "";
  if (!/[{(]\s*(?:\/\/.*)?$/.test(first)) return { signature: first, last: from };
  return block(lines, from);
}

/** A block that has no end is left behind as far as it was looked through: what follows is no Go. */
function block(lines: readonly string[], from: number): { signature: string; last: number } {
  const last = endOfBlock(lines, from) ?? Math.min(lines.length - 1, from + longestBlock);
  const rows = lines.slice(from, Math.min(last, from + mostLinesOfType) + 1);
  return { signature: rows.join("\n"), last };
}

function declareGroup(lines: readonly string[], from: number, comment: string, found: Declaration[]): number {
  const { signature, last } = block(lines, from);
  const rows = signature.split("\n");
  const name = rows.map((row) => member.exec(row)?.[1]).find((known) => known !== undefined);
  if (name !== undefined) found.push({ names: [name], signature, comment, line: from + 1 });
  return last;
}
