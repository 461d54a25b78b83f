/** Special characters by their names in roff. */
const characters: Readonly<Record<string, string>> = {
  aq: "'",
  cq: "’",
  oq: "‘",
  lq: "“",
  rq: "”",
  dq: '"',
  bu: "•",
  em: "—",
  en: "–",
  hy: "-",
  mi: "-",
  pl: "+",
  mu: "×",
  co: "©",
  rg: "®",
  tm: "™",
  ga: "`",
  aa: "´",
  ha: "^",
  ti: "~",
  rs: "\\",
  sl: "/",
  ba: "|",
  br: "|",
  ul: "_",
  at: "@",
  sh: "#",
  Do: "$",
  lB: "[",
  rB: "]",
  lC: "{",
  rC: "}",
  la: "<",
  ra: ">",
  "<=": "≤",
  ">=": "≥",
  "!=": "≠",
  "==": "≡",
  "+-": "±",
  "->": "→",
  "<-": "←",
  de: "°",
  ss: "ß",
  ae: "æ",
  ":a": "ä",
  ":o": "ö",
  ":u": "ü",
  "'e": "é",
  "`e": "è",
  "/o": "ø",
  oa: "å",
  Po: "£",
  Eu: "€",
  sc: "§",
  no: "¬",
  if: "∞",
  Fo: "«",
  Fc: "»",
};
const simple: Readonly<Record<string, string>> = {
  "-": "-",
  e: "\\",
  "\\": "\\",
  " ": " ",
  "~": " ",
  "0": " ",
  ".": ".",
  "'": "´",
  "`": "`",
  t: "\t",
};
/** In order: comment, font, size, colour or link, string, character, number or motion in quotes, the rest. */
const escape =
  /\\(?:"[^\n]*|f(?:\[[^\]]*\]|\(..|.)|s[-+]?(?:\[[^\]]*\]|\(..|'[^']*'|\d{1,2})|[mMFgkYVn](?:[-+]?\[[^\]]*\]|[-+]?\(..|.)|\*(?:\[([^\]]*)\]|\((..)|(.))|\[([^\]]*)\]|\((..)|C'([^']*)'|[hvwlLDxXAbBoNRSHZ](?:'[^']*'|.)|(.)|$)/g;

/** A line of roff as people read it. `strings` are what the page itself has named. */
export function plainText(line: string, strings: ReadonlyMap<string, string>): string {
  if (!line.includes("\\")) return line;
  return line.replaceAll(escape, (match: string, ...groups: unknown[]) => {
    const [longString, pair, single, longName, shortName, quotedName, other] = groups as (string | undefined)[];
    const string = longString ?? pair ?? single;
    if (string !== undefined) return strings.get(string) ?? "";
    const name = longName ?? shortName ?? quotedName;
    if (name !== undefined) return characterOf(name);
    return other === undefined ? "" : (simple[other] ?? (/[&/,)|^%:cdurpz{}]/.test(other) ? "" : match.slice(1)));
  });
}

function characterOf(name: string): string {
  const point = /^u([0-9A-F]{4,6})$/.exec(name)?.[1];
  const code = point === undefined ? Number.NaN : Number.parseInt(point, 16);
  if (code <= 0x10_ff_ff) return String.fromCodePoint(code);
  return characters[name] ?? "";
}

/** The words behind a macro. Quotes keep blanks together, and two of them are one. */
export function macroArguments(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")*)"?|((?:\\ |\\.|[^\s\\])+|\\$)/g)].map(
    ([, inQuotes, bare]) => inQuotes?.replaceAll('""', '"') ?? bare ?? "",
  );
}
