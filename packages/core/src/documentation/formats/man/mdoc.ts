import { macroArguments } from "./escapes.ts";

/** Macros of mdoc that stand inside a line, and whose words are shown. */
const inline = new Set(
  (
    "Ad An Ap Ar At Bk Bx Cd Cm Dv Dx Ek Em Er Ev Ex Fa Fd Fl Fn Ft Fx Ic In Lb Li Lk Ms Mt Nd Nm No Ns Nx Ox Pa Pf Rv " +
    "Sm St Sx Sy Ta Tn Ux Va Vt Xc Xo Xr"
  ).split(" "),
);
const silent = new Set(["Ap", "Bk", "Ek", "Sm"]);
/** Before the words of a macro. */
const introductions: Readonly<Record<string, string>> = {
  Nd: "—",
  In: "#include",
  Bx: "BSD",
  Fx: "FreeBSD",
  Ox: "OpenBSD",
  Nx: "NetBSD",
  Dx: "DragonFly",
  At: "AT&T UNIX",
  Ux: "UNIX",
};
/** What a macro without words says. */
const alone: Readonly<Record<string, string>> = { Fl: "-", Ar: "file ..." };
const enclosures: Readonly<Record<string, readonly [string, string]>> = {
  Op: ["[", "]"],
  Oo: ["[", ""],
  Oc: ["", "]"],
  Bq: ["[", "]"],
  Bo: ["[", ""],
  Bc: ["", "]"],
  Pq: ["(", ")"],
  Po: ["(", ""],
  Pc: ["", ")"],
  Aq: ["<", ">"],
  Ao: ["<", ""],
  Ac: ["", ">"],
  Brq: ["{", "}"],
  Bro: ["{", ""],
  Brc: ["", "}"],
  Dq: ["“", "”"],
  Do: ["“", ""],
  Dc: ["", "”"],
  Sq: ["‘", "’"],
  So: ["‘", ""],
  Sc: ["", "’"],
  Ql: ["‘", "’"],
  Qq: ['"', '"'],
  Qo: ['"', ""],
  Qc: ["", '"'],
  Eo: ["", ""],
  Ec: ["", ""],
};
const closing = /^[.,:;?!)\]]$/;
const opening = /^[([]$/;

export const isInlineMacro = (name: string): boolean => inline.has(name) || Object.hasOwn(enclosures, name);

/** A line of mdoc in words: macros may stand behind others. `page` is what `Nm` alone means. */
export function inlineText(name: string, rest: string, page: string): string {
  const line = new InlineLine(page);
  line.macro(name, macroArguments(rest));
  return line.text;
}

class InlineLine {
  text = "";
  readonly #page: string;
  #isJoined = true;

  constructor(page: string) {
    this.#page = page;
  }

  macro(name: string, words: readonly string[]): void {
    const enclosed = enclosures[name];
    if (enclosed !== undefined) {
      if (enclosed[0] !== "") this.#open(enclosed[0]);
      const last = words.findLastIndex((word) => !closing.test(word));
      this.#words(words.slice(0, last + 1), "");
      if (enclosed[1] !== "") this.#close(enclosed[1]);
      this.#words(words.slice(last + 1), "");
      return;
    }
    if (name === "Ns" || name === "Ap") this.#isJoined = true;
    if (name === "Ap") this.#close("'");
    else this.#plain(name, words);
  }

  #plain(name: string, words: readonly string[]): void {
    if (silent.has(name)) return;
    const [first = "", ...others] = words;
    if (name === "Xr" && /^\d/.test(others[0] ?? "")) this.#asOne(`${first}(${others[0] ?? ""})`, others.slice(1));
    else if (name === "Fn") this.#call(first, others);
    else if (name === "Pf") {
      this.#add(first);
      this.#isJoined = true;
      this.#words(others, "");
    } else this.#prefixed(name, words);
  }

  #asOne(text: string, others: readonly string[]): void {
    this.#add(text);
    this.#words(others, "");
  }

  #call(name: string, given: readonly string[]): void {
    const last = given.findLastIndex((word) => !closing.test(word));
    this.#asOne(`${name}(${given.slice(0, last + 1).join(", ")})`, given.slice(last + 1));
  }

  #prefixed(name: string, words: readonly string[]): void {
    const [first = ""] = words;
    this.#add(introductions[name] ?? "");
    if (first === "" || closing.test(first) || isInlineMacro(first)) {
      this.#add(name === "Nm" ? this.#page : (alone[name] ?? ""));
      if (name === "Fl" && (first === "Ns" || first === "Fl")) this.#isJoined = true;
    }
    this.#words(words, name === "Fl" ? "-" : "");
  }

  #words(words: readonly string[], prefix: string): void {
    for (const [index, word] of words.entries()) {
      if (isInlineMacro(word) && word.length > 1) {
        this.macro(word, words.slice(index + 1));
        return;
      }
      if (word === "|") this.#add(word);
      else if (closing.test(word)) this.#close(word);
      else if (opening.test(word)) this.#open(word);
      else this.#add(prefix + word);
    }
  }

  #add(word: string): void {
    if (word === "") return;
    this.text += this.#isJoined || this.text === "" ? word : ` ${word}`;
    this.#isJoined = false;
  }

  #open(mark: string): void {
    this.#add(mark);
    this.#isJoined = true;
  }

  #close(mark: string): void {
    this.text += mark;
    this.#isJoined = false;
  }
}
