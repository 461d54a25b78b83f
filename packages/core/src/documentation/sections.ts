import type { Block } from "./blocks.ts";

/** What is found and shown as one. `headings` lead to it from the top of its document. */
export interface Section {
  headings: readonly string[];
  /** Names that are declared here, to be found exactly as they are written. */
  symbols: readonly string[];
  line: number;
  text: string;
}

const mostWords = 400;
/** A block of code stays whole up to this. */
const mostWordsOfCode = 2000;

interface Open {
  headings: { level: number; text: string }[];
  symbols: string[];
  line: number;
  texts: string[];
  words: number;
  /** Whether the last heading is in a section already. */
  isKept: boolean;
}

/** Cuts a document at its headings, and long sections at paragraphs. No text is lost; a heading alone is a section too. */
export function sectionsOf(blocks: Iterable<Block>): Section[] {
  const sections: Section[] = [];
  const open: Open = { headings: [], symbols: [], line: 1, texts: [], words: 0, isKept: true };
  for (const block of blocks) {
    if (block.type === "heading") beginHeading(block, open, sections);
    else for (const part of partsOf(block)) addText(part, open, sections);
  }
  close(open, sections);
  return sections;
}

function beginHeading(heading: Block & { type: "heading" }, open: Open, sections: Section[]): void {
  const last = open.headings.at(-1);
  const isChild = last !== undefined && heading.level > last.level && open.symbols.length === 0;
  if (open.texts.length > 0 || !isChild) close(open, sections);
  const parents = open.headings.filter(({ level }) => level < heading.level);
  open.headings = [...parents, { level: heading.level, text: heading.text }];
  open.symbols = heading.symbol === undefined ? [] : [heading.symbol];
  open.line = heading.line;
  open.isKept = false;
}

function addText(part: { text: string; line: number; words: number }, open: Open, sections: Section[]): void {
  if (open.texts.length > 0 && open.words + part.words > mostWords) close(open, sections);
  if (open.texts.length === 0 && open.isKept) open.line = part.line;
  open.texts.push(part.text);
  open.words += part.words;
}

function close(open: Open, sections: Section[]): void {
  if (open.texts.length > 0 || !open.isKept) {
    const headings = open.headings.map(({ text }) => text);
    sections.push({ headings, symbols: open.symbols, line: open.line, text: open.texts.join("\n\n") });
  }
  open.texts = [];
  open.words = 0;
  open.isKept = true;
}

interface Part {
  text: string;
  line: number;
  words: number;
}

function partsOf({ type, text, line }: Exclude<Block, { type: "heading" }>): Part[] {
  const most = type === "code" ? mostWordsOfCode : mostWords;
  const words = wordCount(text);
  return words <= most ? [{ text, line, words }] : cutAtLines(text, line, most);
}

function cutAtLines(text: string, line: number, most: number): Part[] {
  const parts: Part[] = [];
  let lines: string[] = [];
  let words = 0;
  let begin = line;
  const end = (next: number): void => {
    if (lines.length > 0) parts.push({ text: lines.join("\n"), line: begin, words });
    [lines, words, begin] = [[], 0, next];
  };
  for (const [index, row] of text.split("\n").entries()) {
    for (const piece of cutAtWords(row, most)) {
      const count = wordCount(piece);
      if (words + count > most) end(line + index);
      lines.push(piece);
      words += count;
    }
  }
  end(0);
  return parts;
}

/** A line without an end, as machines write it, in pieces of at most so many words. */
function cutAtWords(row: string, most: number): string[] {
  if (wordCount(row) <= most) return [row];
  const words = row.split(/(?<=\s)(?=\S)/).flatMap((word) => word.match(wordPieces) ?? []);
  return Array.from({ length: Math.ceil(words.length / most) }, (_, index) =>
    words.slice(index * most, (index + 1) * most).join(""),
  );
}

/** Counts what has no blanks, such as data in one line, by its length. */
function wordCount(text: string): number {
  let count = 0;
  for (const word of text.matchAll(/\S+/g)) count += Math.ceil(word[0].length / longestWord);
  return count;
}

const longestWord = 200;
const wordPieces = /[\s\S]{1,200}/gu;
