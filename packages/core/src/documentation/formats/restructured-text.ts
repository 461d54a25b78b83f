import { type Block, linesOf } from "../blocks.ts";

const adornment = /^([!-/:-@[-`{-~])\1+\s*$/;

/** reStructuredText as far as it matters for reading: adorned headings, literal blocks, paragraphs. */
export function readRestructuredText(source: string): Block[] {
  const lines = linesOf(source);
  const blocks: Block[] = [];
  const marks: string[] = [];
  let text: string[] = [];
  let begin = 1;
  const closeText = (): void => {
    if (text.length > 0) blocks.push({ type: "text", text: text.join("\n"), line: begin });
    text = [];
  };
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? "";
    const title = text.length === 0 ? titleAt(lines, at) : undefined;
    if (title !== undefined) {
      blocks.push({ type: "heading", level: levelOf(title.mark, marks), text: title.text, line: at + 1 });
      at += title.lines;
    } else if (line.trim() === "") {
      const isLiteral = introducesLiteral(text.at(-1));
      closeText();
      at = isLiteral ? literal(lines, at + 1, blocks) : at + 1;
    } else {
      if (text.length === 0) begin = at + 1;
      text.push(line.trimEnd());
      at += 1;
    }
  }
  closeText();
  return blocks;
}

const introducesLiteral = (line: string | undefined): boolean =>
  line !== undefined &&
  (line.endsWith("::") || /^\s*(?:\.\. (?:code|code-block|sourcecode|parsed-literal)::|:[\w-]+:)/.test(line));

interface Title {
  text: string;
  mark: string;
  lines: number;
}

function titleAt(lines: readonly string[], at: number): Title | undefined {
  const over = adornment.exec(lines[at] ?? "")?.[1];
  return over === undefined
    ? underlined(lines[at] ?? "", lines[at + 1] ?? "")
    : overlined(over, lines.slice(at + 1, at + 3));
}

function overlined(mark: string, [text = "", under = ""]: readonly string[]): Title | undefined {
  const isTitle = text.trim() !== "" && !adornment.test(text) && adornment.exec(under)?.[1] === mark;
  return isTitle ? { text: text.trim(), mark: mark + mark, lines: 3 } : undefined;
}

function underlined(text: string, under: string): Title | undefined {
  const mark = adornment.exec(under)?.[1];
  const isTitle = mark !== undefined && /^\S/.test(text) && under.trim().length >= Math.min(3, text.trim().length);
  return isTitle ? { text: text.trim(), mark, lines: 2 } : undefined;
}

/** Levels are the order in which their marks come. */
function levelOf(mark: string, marks: string[]): number {
  if (!marks.includes(mark)) marks.push(mark);
  return marks.indexOf(mark) + 1;
}

/** The indented lines from here on as one block of code; the index of the first line behind them. */
function literal(lines: readonly string[], from: number, blocks: Block[]): number {
  let start = from;
  while (start < lines.length && lines[start]?.trim() === "") start++;
  let end = start;
  while (end < lines.length && (/^\s+\S/.test(lines[end] ?? "") || lines[end]?.trim() === "")) end++;
  const code = lines.slice(start, end);
  while (code.at(-1)?.trim() === "") code.pop();
  if (code.length > 0) blocks.push({ type: "code", text: code.join("\n"), line: start + 1 });
  return end;
}
