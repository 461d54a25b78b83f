import { type Block, linesOf } from "../../blocks.ts";
import { macroArguments, plainText } from "./escapes.ts";
import { inlineText, isInlineMacro } from "./mdoc.ts";

/** Requests that only place text on paper. */
const ignored = new Set(
  (
    "ad af bp br brp cc ce ch cs cu cf fam fl fp ft hc hlm hw hy in it kern ll ls lt mk na ne nh nm nn nop nr ns nx " +
    "pc pl pm pn po ps pt rd rm rn rr rs rt sp ss sv ta tc ti tm tr ul vs wh do hla als blm box ev fcolor " +
    "gcolor pso sizes so mso special sty substring warn AT UC DT PD Dd Os Bk Ek Sm Rs Re PM UE ME YS Hr"
  ).split(" "),
);
const paragraphMacros = new Set(["PP", "P", "LP", "Pp", "HP", "sp", "Lp"]);
const fontMacros = new Set(["B", "I", "R", "SM", "SB"]);
const alternating = new Set(["BI", "BR", "IB", "IR", "RB", "RI"]);
const codeBegins = new Set(["nf", "EX", "Vb", "TS"]);
const codeEnds = new Set(["fi", "EE", "Ve", "TE"]);

/** A manual page in roff, of the man macros or of mdoc, as text with headings. Nothing in it is run. */
export function readManPage(source: string): Block[] {
  const page = new ManPage();
  const lines = linesOf(source);
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at] ?? "";
    const number = at + 1;
    while (line.endsWith("\\") && !line.endsWith("\\\\") && at + 1 < lines.length)
      line = line.slice(0, -1) + (lines[++at] ?? "");
    page.line(line, number);
  }
  return page.end();
}

const withoutComment = (rest: string): string => rest.replace(/(?<!\\)\\".*$/, "");

type Request = (rest: string, number: number) => void;

class ManPage {
  readonly #blocks: Block[] = [];
  readonly #strings = new Map([
    ["Aq", "'"],
    ["lq", "“"],
    ["rq", "”"],
    ["R", "®"],
    ["Tm", "™"],
    ["C+", "C++"],
    ["--", "–"],
  ]);
  #rows: string[] = [];
  #begin = 1;
  #isCode = false;
  #name = "";
  /** How many lines of a definition are skipped: to this request. */
  #skipTo: string | undefined;
  /** Conditions with braces that are open, each with whether its text counts. */
  #conditions: boolean[] = [];
  #otherwise = false;
  #isSynopsis = false;
  #wantsTag = false;
  #tag: string | undefined;

  /** Requests that decide what is read. */
  readonly #control: Readonly<Record<string, Request>> = {
    if: (rest, number) => this.#condition("if", rest, number),
    ie: (rest, number) => this.#condition("ie", rest, number),
    el: (rest, number) => this.#taken(this.#otherwise, rest, number),
    de: (rest) => this.#skip(macroArguments(rest)[1]),
    de1: (rest) => this.#skip(macroArguments(rest)[1]),
    am: (rest) => this.#skip(macroArguments(rest)[1]),
    am1: (rest) => this.#skip(macroArguments(rest)[1]),
    ig: (rest) => this.#skip(macroArguments(rest)[0]),
    ds: (rest) => this.#define(rest),
  };
  /** Macros that make headings, items and blocks. */
  readonly #layout: Readonly<Record<string, Request>> = {
    TH: (rest, number) => this.#title(rest, number),
    Dt: (rest, number) => this.#title(rest, number),
    SH: (rest, number) => this.#heading(2, this.#words(rest), number),
    Sh: (rest, number) => this.#heading(2, this.#words(rest), number),
    SS: (rest, number) => this.#heading(3, this.#words(rest), number),
    Ss: (rest, number) => this.#heading(3, this.#words(rest), number),
    Bd: (rest) => this.#begins(/-(?:literal|unfilled)/.test(rest)),
    Ed: () => this.#endCode(),
    Bl: () => this.#break(),
    El: () => this.#break(),
    TP: () => this.#beginTag(),
    TQ: () => this.#beginTag(),
    IP: (rest, number) => this.#item(this.#firstWord(rest), number),
    It: (rest, number) => this.#item(this.#mdocLine(rest), number),
    br: () => this.#newLine(),
    RS: () => this.#newLine(),
    RE: () => this.#newLine(),
  };

  line(line: string, number: number): void {
    if (this.#skipTo !== undefined) {
      if (line.startsWith(this.#skipTo)) this.#skipTo = undefined;
      return;
    }
    const closed = line.split("\\}").length - 1;
    if (this.#conditions.every(Boolean)) this.#open(line.replaceAll("\\}", ""), number);
    else this.#conditions.push(...Array.from({ length: line.split("\\{").length - 1 }, () => false));
    for (let count = 0; count < closed; count++) this.#conditions.pop();
  }

  end(): Block[] {
    this.#break();
    return this.#blocks;
  }

  #open(line: string, number: number): void {
    const found = /^[.'][ \t]*(\\"|[^\s\\"]{1,12})?[ \t]*(.*)$/.exec(line);
    if (found === null) this.#text(plainText(line, this.#strings), number);
    else if (found[1] !== undefined && found[1] !== '\\"')
      this.#request(found[1], withoutComment(found[2] ?? ""), number);
  }

  #request(name: string, rest: string, number: number): void {
    const control = this.#control[name] ?? this.#layout[name];
    if (control !== undefined) control(rest, number);
    else if (paragraphMacros.has(name)) this.#break();
    else if (codeBegins.has(name)) this.#beginCode();
    else if (codeEnds.has(name)) this.#endCode();
    else if (!ignored.has(name)) this.#inline(name, rest, number);
  }

  /** Pages are read as a terminal shows them: `n` holds, `t` does not. */
  #condition(name: string, rest: string, number: number): void {
    const [, negation, condition = "", then = ""] =
      /^(!?)\s*('[^']*'[^']*'|\\n\(\.[a-z]|\\n\[?\.?\w+\]?|\(.*?\)|\S)\s*(.*)$/.exec(rest) ?? [];
    const holds = (condition === "n" || condition === "\\n(.g") !== (negation === "!");
    if (name === "ie") this.#otherwise = !holds;
    this.#taken(holds, then, number);
  }

  #taken(holds: boolean, rest: string, number: number): void {
    const opens = rest.startsWith("\\{");
    if (opens) this.#conditions.push(holds);
    const text = opens ? rest.replace(/^\\\{\s*/, "") : rest;
    if (holds && text !== "") this.#open(text, number);
  }

  #words(rest: string): string {
    const words = macroArguments(rest).map((word) => plainText(word, this.#strings));
    return words.join(" ").trim();
  }

  /** `.de NAME END` and `.am NAME END` go to a line `.END`, `.ig END` too; without END to `..`. */
  #skip(end: string | undefined): void {
    this.#skipTo = `.${end ?? "."}`;
  }

  #define(rest: string): void {
    const [, name = "", value = ""] = /^(\S+)\s*"?(.*)$/.exec(rest) ?? [];
    this.#strings.set(name, plainText(value, this.#strings));
  }

  #inline(name: string, rest: string, number: number): void {
    if (name === "Nm") {
      const [own] = macroArguments(rest);
      if (this.#name === "" && own !== undefined) this.#name = plainText(own, this.#strings);
      if (this.#isSynopsis) this.#newLine();
    }
    if (name === "Dl" || name === "D1") {
      this.#break();
      this.#text(this.#mdocLine(rest), number);
      this.#break();
    } else if (isInlineMacro(name)) this.#text(plainText(inlineText(name, rest, this.#name), this.#strings), number);
    else if (fontMacros.has(name)) this.#text(plainText(macroArguments(rest).join(" "), this.#strings), number);
    else if (alternating.has(name)) this.#text(plainText(macroArguments(rest).join(""), this.#strings), number);
    else if (name === "OP") this.#text(`[${plainText(macroArguments(rest).join(" "), this.#strings)}]`, number);
    else this.#text(plainText(macroArguments(rest).join(" "), this.#strings), number);
  }

  #mdocLine(rest: string): string {
    const [first = "", ...others] = macroArguments(rest);
    const text = isInlineMacro(first)
      ? inlineText(first, rest.slice(rest.indexOf(first) + first.length), this.#name)
      : [first, ...others].join(" ");
    return plainText(text, this.#strings);
  }

  #title(rest: string, number: number): void {
    const [name = "", section = ""] = macroArguments(rest).map((word) => plainText(word, this.#strings));
    if (name !== "")
      this.#blocks.push({ type: "heading", level: 1, text: `${name.toLowerCase()}(${section})`, line: number });
  }

  #heading(level: number, text: string, number: number): void {
    this.#endCode();
    this.#isSynopsis = text === "SYNOPSIS";
    if (text !== "") this.#blocks.push({ type: "heading", level, text, line: number });
  }

  #firstWord(rest: string): string {
    return plainText(macroArguments(rest)[0] ?? "", this.#strings);
  }

  #item(text: string, number: number): void {
    this.#break();
    if (text.trim() !== "") this.#tag = text;
    this.#begin = number;
  }

  #beginTag(): void {
    this.#break();
    this.#wantsTag = true;
  }

  #text(text: string, number: number): void {
    if (text.trim() === "" && !this.#isCode) {
      this.#break();
      return;
    }
    if (this.#wantsTag) {
      this.#wantsTag = false;
      this.#tag = text;
      this.#begin = number;
      return;
    }
    if (this.#rows.length === 0 && this.#tag === undefined) this.#begin = number;
    if (this.#rows.length === 0 && this.#tag !== undefined) this.#rows.push(this.#tag, `    ${text.trim()}`);
    else if (this.#isCode || this.#rows.length === 0 || this.#rows.at(-1) === "") this.#addRow(text);
    else this.#rows.push(`${this.#rows.pop() ?? ""} ${text.trim()}`);
    this.#tag = undefined;
  }

  #addRow(text: string): void {
    if (this.#rows.at(-1) === "" && !this.#isCode) this.#rows.pop();
    this.#rows.push(text);
  }

  #newLine(): void {
    if (this.#rows.length > 0 && !this.#isCode) this.#rows.push("");
  }

  #begins(isCode: boolean): void {
    if (isCode) this.#beginCode();
    else this.#break();
  }

  #beginCode(): void {
    this.#break();
    this.#isCode = true;
  }

  #endCode(): void {
    this.#break();
    this.#isCode = false;
  }

  #break(): void {
    if (this.#tag !== undefined) this.#rows.push(this.#tag);
    this.#tag = undefined;
    const text = this.#rows.join("\n").trimEnd();
    this.#rows = [];
    if (text.trim() !== "") this.#blocks.push({ type: this.#isCode ? "code" : "text", text, line: this.#begin });
  }
}
