import { Parser } from "htmlparser2";

import type { Block } from "../blocks.ts";

/** What people do not read, or what only leads elsewhere. */
const silent = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "svg",
  "math",
  "nav",
  "footer",
  "iframe",
  "select",
  "button",
]);
const breaking = new Set(
  (
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure form header hr html li " +
    "main ol p section summary table tbody thead tfoot tr ul"
  ).split(" "),
);
const headingTag = /^h[1-6]$/;

/** Deeper, its parser becomes slow, and no one has written it for people. */
const deepest = 2000;

class TooDeep extends Error {}

/** HTML as text with its headings; whatever is broken in it is read as far as it goes. */
export function readHtml(source: string): Block[] {
  const reader = new HtmlReader(source);
  let depth = 0;
  const parser = new Parser(
    {
      onopentag: (name) => {
        depth += 1;
        if (depth > deepest) throw new TooDeep();
        reader.open(name, parser.startIndex);
      },
      ontext: (text) => reader.text(text, parser.startIndex),
      onclosetag: (name) => {
        depth -= 1;
        reader.close(name, parser.startIndex);
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  try {
    parser.end(source);
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    reader.text(source.slice(parser.startIndex).replaceAll(/<[^<>]{0,1000}>/g, " "), parser.startIndex);
  }
  return reader.end();
}

class HtmlReader {
  readonly #source: string;
  readonly #blocks: Block[] = [];
  #text = "";
  #begin = 0;
  #silent = 0;
  #pre = 0;
  #title: string | undefined;
  #heading: number | undefined;
  #counted = { index: Infinity, next: -1, line: 1 };

  constructor(source: string) {
    this.#source = source;
  }

  open(name: string, at: number): void {
    if (silent.has(name)) this.#silent += 1;
    if (this.#silent > 0) return;
    if (name === "title") {
      this.#break(at);
      this.#title = "";
    } else if (headingTag.test(name)) {
      this.#break(at);
      this.#heading = Number(name.slice(1));
    } else if (name === "pre") {
      this.#break(at);
      this.#pre += 1;
    } else if (name === "br") this.#text += "\n";
    else this.#place(name, at);
  }

  text(text: string, at: number): void {
    if (this.#silent > 0) return;
    if (this.#title !== undefined) this.#title += text;
    else {
      if (this.#text.trim() === "" && text.trim() !== "") this.#begin = at;
      this.#text += this.#pre > 0 ? text : text.replaceAll(/\s+/g, " ");
    }
  }

  close(name: string, at: number): void {
    if (silent.has(name)) this.#silent = Math.max(0, this.#silent - 1);
    if (this.#silent > 0) return;
    if (name === "title") {
      const title = this.#title?.replaceAll(/\s+/g, " ").trim() ?? "";
      this.#title = undefined;
      if (title !== "") this.#blocks.push({ type: "heading", level: 0, text: title, line: this.#lineAt(at) });
    } else if (headingTag.test(name)) {
      this.#break(at);
      this.#heading = undefined;
    } else if (name === "pre") {
      this.#break(at);
      this.#pre = Math.max(0, this.#pre - 1);
    } else if (breaking.has(name) && name !== "li") this.#place(name, at);
  }

  end(): Block[] {
    if (this.#title !== undefined) this.#text += this.#title;
    this.#break(this.#source.length);
    return this.#blocks;
  }

  /** Inside of a heading or of code nothing begins a paragraph. */
  #place(name: string, at: number): void {
    if (this.#pre > 0) return;
    if (this.#heading !== undefined) return;
    if (name === "td" || name === "th") this.#text += this.#text === "" || this.#text.endsWith("\n") ? "" : " | ";
    else if (name === "li") this.#text = `${this.#text.trimEnd()}${this.#text.trim() === "" ? "" : "\n"}- `;
    else if (name === "tr") this.#text = `${this.#text.trimEnd()}${this.#text.trim() === "" ? "" : "\n"}`;
    else if (breaking.has(name)) this.#break(at);
  }

  #break(at: number): void {
    const isCode = this.#pre > 0;
    const text = isCode
      ? this.#text.replace(/^\s*\n/, "").trimEnd()
      : this.#text.replaceAll(/[ \t]*\n[ \t]*/g, "\n").trim();
    const line = this.#lineAt(this.#begin);
    this.#text = "";
    this.#begin = at;
    if (text === "" || text === "-") return;
    if (this.#heading === undefined) this.#blocks.push({ type: isCode ? "code" : "text", text, line });
    else {
      const heading = text.replaceAll(/\s+/g, " ").replace(/\s*[¶§#]$/, "");
      if (heading !== "") this.#blocks.push({ type: "heading", level: this.#heading, text: heading, line });
    }
  }

  #lineAt(index: number): number {
    let { next, line } = this.#counted;
    if (index < this.#counted.index) [next, line] = [this.#source.indexOf("\n"), 1];
    while (next !== -1 && next < index) {
      line++;
      next = this.#source.indexOf("\n", next + 1);
    }
    this.#counted = { index, next, line };
    return line;
  }
}
