/** Longer runs of letters and digits are data, not words. */
const longestWord = 80;
const mostRemembered = 40_000;
const linesInChunk = 40;

const betweenWords = /[^\w$]+/;
const betweenAnyWords = /[^\p{L}\p{M}\p{N}_$]+/u;
const beyondAscii = /[\u0080-\uffff]/;
const parts = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|[\p{Lo}\p{M}]+/gu;

interface KnownWord {
  /** Its terms, each with a blank behind it. */
  terms: string;
  /** The last text that holds it, by number. */
  text: number;
}

const remembered = new Map<string, KnownWord>();
let texts = 0;

/** The identifiers and words of a text as they are written, repeated as they are. */
export const wordsOf = (text: string): string[] => text.split(beyondAscii.test(text) ? betweenAnyWords : betweenWords);

/**
 * What one word is found by: each of its parts (`parseHttp2_url`: pars, http, 2, url) without its English
 * ending, and before them the whole in lower case when there are several. Empty for what is no word.
 */
export function termsOf(word: string): string[] {
  forgetSome();
  return known(word).terms.split(" ").slice(0, -1);
}

/** Remembered, since the words of code repeat. */
function known(word: string): KnownWord {
  const found = remembered.get(word);
  if (found !== undefined) return found;
  let terms = "";
  for (const term of splitWord(word)) terms += `${term} `;
  const added = { terms: detached(terms), text: 0 };
  remembered.set(detached(word), added);
  return added;
}

/** Never within a text, of which it is remembered what came before. */
function forgetSome(): void {
  if (remembered.size >= mostRemembered) remembered.clear();
}

/** A copy: V8 keeps the whole text for as long as a piece that was cut from it. */
const detached = (word: string): string => Buffer.from(word, "utf8").toString("utf8");

function splitWord(word: string): readonly string[] {
  if (word.length > longestWord) return [];
  const found = (word.match(parts) ?? []).map((part) => stem(part.toLowerCase()));
  if (found.length < 2) return found;
  return [...new Set([word.toLowerCase(), ...found])];
}

const shortestStem = 4;

/** Takes the commonest English endings off, so that `files`, `filed` and `file` are one. Not linguistics. */
function stem(word: string): string {
  if (word.length <= shortestStem || !/[a-z]$/.test(word)) return word;
  const single = word.endsWith("ies") ? `${word.slice(0, -3)}y` : word.replace(/([^su])s$/, "$1");
  const bare = single.replace(/^(.{4,}?)(?:ing|ed|er|or)$/, "$1");
  const undoubled = bare === single ? bare : bare.replace(/([^aeiouls])\1$/, "$1");
  return undoubled.length > shortestStem ? undoubled.replace(/e$/, "") : undoubled;
}

/** What the index holds of a text: for each of its distinct words all terms, so that a part in many words counts more. */
export function indexedWords(text: string): string {
  forgetSome();
  const number = ++texts;
  let line = "";
  for (const word of wordsOf(text)) {
    const found = known(word);
    if (found.text === number) continue;
    found.text = number;
    line += found.terms;
  }
  return line;
}

/** A text in pieces of forty lines, the last one shorter. */
export function chunksOf(text: string): string[] {
  const chunks: string[] = [];
  let start = 0;
  let lines = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) {
    if (++lines % linesInChunk !== 0) continue;
    chunks.push(text.slice(start, end + 1));
    start = end + 1;
  }
  if (start < text.length) chunks.push(text.slice(start));
  return chunks;
}

/** The index of the chunk that a line (from 1) lies in. */
export const chunkOfLine = (line: number): number => Math.floor((line - 1) / linesInChunk);

/** The first line of a chunk, from 1, and the one behind its last. */
export const linesOfChunk = (chunk: number): { from: number; to: number } => ({
  from: chunk * linesInChunk + 1,
  to: (chunk + 1) * linesInChunk + 1,
});
