import { type CodePoints, codePointsOf, codePoints, complement, union } from "./code-points.ts";

/** What stands between the tokens, as GBNF. `pad` is after an opening and before a closing bracket. */
export interface Separators {
  name: string;
  comma: string;
  colon: string;
  pad: string;
}

/** `{"a": 1, "b": 2}`: what Python's json.dumps writes, and what tool-calling models were trained on. */
export const exactSeparators: Separators = { name: "", comma: '", "', colon: '": "', pad: "" };

/** Blanks are bounded: a model that has nothing to say must not go on with spaces. */
const someBlank = String.raw`( " " | "\n" [ \t]{0,20} )?`;
/** On one line, without blanks, or indented. */
export const flexibleSeparators: Separators = {
  name: "-flexible",
  comma: `"," ${someBlank}`,
  colon: `":" ${someBlank}`,
  pad: someBlank,
};

/** How some characters of a string are written. */
export interface Escapes {
  /** The characters that stand for themselves. */
  plain: CodePoints;
  /** The usual text for each of the others. */
  written: ReadonlyMap<number, string>;
  /** GBNF: every escape that a reader of this syntax understands, also of plain characters. */
  any: string;
}

/** Strings between `open` and `close`; without `escapes` they are any text that does not hold `close`. */
export interface StringStyle {
  name: string;
  open: string;
  close: string;
  escapes?: Escapes;
}

/** How a model family writes values: data that the compiler turns schemas into grammars with. */
export interface ValueSyntax {
  /** Rules that every value of this syntax shares have names that begin with it. */
  name: string;
  true: string;
  false: string;
  null: string;
  /** A string may be written in each of these styles. */
  strings: readonly StringStyle[];
  separators: Separators;
  /** Keys stand without quotes; these are the characters of one that the schema does not name. */
  bareKeys?: CodePoints;
}

const controls = codePoints([0, 0x1f]);

/** The controls by short escapes such as `\n`, or else by their number. */
const writtenControls = (short: Readonly<Record<string, string>>, byNumber: (hex: string) => string) =>
  Array.from({ length: 0x20 }, (_, code): [number, string] => {
    const hex = code.toString(16).padStart(2, "0");
    return [code, short[String.fromCharCode(code)] ?? byNumber(hex)];
  });

/** RFC 8259. */
const jsonString: StringStyle = {
  name: "json",
  open: '"',
  close: '"',
  escapes: {
    plain: complement(union(controls, codePointsOf('"\\'))),
    written: new Map([
      ...writtenControls({ "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" }, (hex) => `\\u00${hex}`),
      [0x22, '\\"'],
      [0x5c, "\\\\"],
    ]),
    any: String.raw`"\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} )`,
  },
};

export const jsonSyntax = (separators: Separators): ValueSyntax => ({
  name: `json${separators.name}`,
  true: "true",
  false: "false",
  null: "null",
  strings: [jsonString],
  separators,
});

/** Python's string literals without a prefix, on one line (The Python Language Reference, 2.5). */
const pythonString = (name: string, quote: string): StringStyle => ({
  name,
  open: quote,
  close: quote,
  escapes: {
    plain: complement(union(controls, codePointsOf(`${quote}\\`))),
    written: new Map([
      ...writtenControls({ "\t": "\\t", "\n": "\\n", "\r": "\\r" }, (hex) => `\\x${hex}`),
      [quote.charCodeAt(0), `\\${quote}`],
      [0x5c, "\\\\"],
    ]),
    any: String.raw`"\\" ( ["'\\abfnrtv] | "x" [0-9a-fA-F]{2} | "u" [0-9a-fA-F]{4} | "U" [0-9a-fA-F]{8} )`,
  },
});

export const pythonSyntax = (separators: Separators): ValueSyntax => ({
  name: `python${separators.name}`,
  true: "True",
  false: "False",
  null: "None",
  strings: [pythonString("python-double", '"'), pythonString("python-single", "'")],
  separators,
});

/** Gemma 4: `{key:<|"|>text<|"|>,n:3,list:[true,null]}`. */
export const gemmaSyntax: ValueSyntax = {
  name: "gemma",
  true: "true",
  false: "false",
  null: "null",
  strings: [{ name: "gemma", open: '<|"|>', close: '<|"|>' }],
  separators: { name: "", comma: '","', colon: '":"', pad: "" },
  bareKeys: complement(union(controls, codePointsOf(':,{}[]<|">'))),
};
