import { type Block, linesOf } from "../blocks.ts";

const fence = /^ {0,3}(`{3,}|~{3,})/;
const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const setext = /^ {0,3}(=+|-{2,})[ \t]*$/;
const htmlHeading = /^\s*<h([1-6])\b[^>]*>(.*?)<\/h\1>\s*$/i;
/** Tags that only place what they hold. Others may be components, which say something. */
const layoutTag =
  /<\/?(?:p|div|br|hr|a|img|center|span|picture|source|sub|sup|details|summary|table|tr|td|th|b|i|em|strong|kbd|samp|ul|ol|li)\b(?:"[^"]*"|'[^']*'|[^>"'])*>/gi;

/** Markdown and MDX: headings of both kinds, fenced and indented code, paragraphs. Tags for layout are taken out. */
export function readMarkdown(source: string): Block[] {
  const lines = linesOf(source);
  const reader = new MarkdownReader();
  const start = reader.frontMatter(lines);
  for (let index = start; index < lines.length; index++) reader.line(lines[index] ?? "", index + 1);
  return reader.end();
}

class MarkdownReader {
  readonly #blocks: Block[] = [];
  #text: string[] = [];
  #code: string[] = [];
  #begin = 1;
  #fence: string | undefined;

  /** The index of the first line behind it. Its title is the first heading. */
  frontMatter(lines: readonly string[]): number {
    if (lines[0]?.trim() !== "---") return 0;
    const end = lines.findIndex((line, index) => index > 0 && line.trim() === "---");
    if (end === -1) return 0;
    const head = lines.slice(1, end);
    const title = head.map((line) => /^title:\s*(\S.*)$/.exec(line)?.[1]).find((text) => text !== undefined);
    if (title !== undefined) this.#heading(1, title.replace(/^(["'])(.*)\1$/, "$2"), 1);
    const text = head.filter((line) => line.trim() !== "").join("\n");
    if (text !== "") this.#blocks.push({ type: "text", text, line: 2 });
    return end + 1;
  }

  line(line: string, number: number): void {
    if (this.#fence !== undefined) {
      this.#code.push(line);
      if (isEnd(line, this.#fence)) this.#closeCode();
      return;
    }
    const opening = fence.exec(line)?.[1];
    if (opening === undefined) {
      this.#outside(line, number);
      return;
    }
    this.#closeText();
    this.#closeCode();
    this.#fence = opening;
    this.#begin = number;
    this.#code.push(line);
  }

  end(): Block[] {
    this.#closeText();
    this.#closeCode();
    return this.#blocks;
  }

  #outside(line: string, number: number): void {
    if (this.#text.length === 0 && /^(?: {4}|\t)\s*[^\s<]/.test(line)) {
      if (this.#code.length === 0) this.#begin = number;
      this.#code.push(line);
      return;
    }
    if (this.#code.length > 0 && line.trim() === "") {
      this.#code.push(line);
      return;
    }
    this.#closeCode();
    const title = atx.exec(line) ?? htmlHeading.exec(line);
    if (title !== null) {
      this.#closeText();
      const level = title[1]?.startsWith("#") === true ? title[1].length : Number(title[1]);
      this.#heading(level, title[2] ?? "", number);
    } else this.#plain(line, number);
  }

  #plain(line: string, number: number): void {
    const underline = setext.exec(line)?.[1];
    const [only] = this.#text;
    if (
      underline !== undefined &&
      only !== undefined &&
      this.#text.length === 1 &&
      !/^\s*(?:[-*+>|]|\d+\.)/.test(only)
    ) {
      this.#text = [];
      this.#heading(underline.startsWith("=") ? 1 : 2, only, number - 1);
      return;
    }
    const text = line.includes("<") ? line.replaceAll(layoutTag, "").trimEnd() : line.trimEnd();
    if (text.trim() === "") {
      this.#closeText();
      return;
    }
    if (this.#text.length === 0) this.#begin = number;
    this.#text.push(text);
  }

  #heading(level: number, text: string, line: number): void {
    const plain = plainText(text);
    if (plain !== "") this.#blocks.push({ type: "heading", level, text: plain, line });
  }

  #closeText(): void {
    if (this.#text.length > 0) this.#blocks.push({ type: "text", text: this.#text.join("\n"), line: this.#begin });
    this.#text = [];
  }

  #closeCode(): void {
    this.#fence = undefined;
    while (this.#code.at(-1)?.trim() === "") this.#code.pop();
    if (this.#code.length > 0) this.#blocks.push({ type: "code", text: this.#code.join("\n"), line: this.#begin });
    this.#code = [];
  }
}

function isEnd(line: string, opening: string): boolean {
  const closing = /^ {0,3}(`+|~+)[ \t]*$/.exec(line)?.[1];
  return closing !== undefined && closing[0] === opening[0] && closing.length >= opening.length;
}

/** A heading as people read it: without links, marks of emphasis, anchors and tags. */
const plainText = (text: string): string =>
  text
    .replaceAll(layoutTag, "")
    .replaceAll(/!\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\s*\{#[\w-]+\}\s*$/g, "")
    .replaceAll(/\*\*|__|`/g, "")
    .replaceAll(/\\([!-/:-@[-`{-~])/g, "$1")
    .trim();
