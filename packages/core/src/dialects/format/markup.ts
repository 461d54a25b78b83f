/** Helpers for telling markers from each other in rendered templates. */

/** The beginning that all texts share. */
export function commonPrefix(first: string, ...others: readonly string[]): string {
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && same < other.length && first[same] === other[same]) same++;
    length = same;
  }
  return first.slice(0, length);
}

/** The end that both texts share. */
export function commonSuffix(a: string, b: string): string {
  let same = 0;
  while (same < a.length && same < b.length && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  return a.slice(a.length - same);
}

/** Without a tag that begins in `text` but does not end there. */
export function withoutOpenEnd(text: string): string {
  const opened = text.lastIndexOf("<");
  const cut = opened > text.lastIndexOf(">") ? text.slice(0, opened) : text;
  const bracket = cut.lastIndexOf("[");
  return bracket > cut.lastIndexOf("]") && /^\[\/?[A-Z_]*$/.test(cut.slice(bracket)) ? cut.slice(0, bracket) : cut;
}

/** Without the rest of a tag that began before `text`. */
export function withoutOpenStart(text: string): string {
  const start = text.search(/[<[]/);
  const closed = text.search(/[>\]]/);
  if (closed >= 0 && (start < 0 || closed < start)) return text.slice(closed + 1);
  return text;
}

export const isBlankText = (text: string): boolean => text.trim() === "";

const openWords: readonly (readonly [RegExp, string])[] = [
  [/START/, "END"],
  [/start/, "end"],
  [/BEGIN/, "END"],
  [/begin/, "end"],
  [/open/, "close"],
  [/prefix/, "suffix"],
];

/** How families write the end of what a marker begins: `</x>`, `[/X]`, `<x|>`, `…_end…` and the like. */
export function closeForms(marker: string): string[] {
  const open = marker.trim();
  const forms: string[] = [];
  const last = /<([\w:.-]+)>$/.exec(open);
  if (last !== null) forms.push(`${open.slice(0, last.index)}</${last[1]}>`);
  if (/^\[[A-Z_]+\]$/.test(open)) forms.push(`[/${open.slice(1)}`);
  const gemma = /^<\|(\w+)>/.exec(open);
  if (gemma !== null) forms.push(`<${gemma[1]}|>`);
  for (const [word, end] of openWords) if (word.test(open)) forms.push(open.replace(word, end));
  return forms;
}

/** The close form of `marker` with which `text` begins behind blanks, blanks included. */
export function closingStart(marker: string, text: string): string | undefined {
  const blanks = text.length - text.trimStart().length;
  const form = closeForms(marker).find((candidate) => text.startsWith(candidate, blanks));
  return form === undefined ? undefined : text.slice(0, blanks + form.length);
}

const tag = /<[^<>\s]+>|<[^<>]*[|｜]>|\[\/?[A-Z_]+\]|\[[A-Z][A-Z ]+\]|```/u;

/** The first tag of a text, with the blanks before it. */
export function firstTag(text: string): string {
  const found = tag.exec(text);
  return found === null || !isBlankText(text.slice(0, found.index)) ? "" : text.slice(0, found.index + found[0].length);
}

/** The last tag of a text, with the blanks behind it. */
export function lastTag(text: string): string {
  const tags = [...text.matchAll(new RegExp(tag, "gu"))];
  const found = tags.at(-1);
  return found === undefined || !isBlankText(text.slice(found.index + found[0].length)) ? "" : text.slice(found.index);
}

/** Where tags begin in a text. */
export const tagStarts = (text: string): number[] =>
  [...text.matchAll(new RegExp(tag, "gu"))].map(({ index }) => index);

/** The beginnings of a text that end with a whole tag. */
export function tagPrefixes(text: string): string[] {
  return [...text.matchAll(new RegExp(tag, "gu"))].map(({ index, 0: found }) =>
    text.slice(0, index + found.length).trim(),
  );
}

/** Such as `<|tool_call|>`, `<｜…｜>` or `[TOOL_CALLS]`: nobody writes these as text. */
export const isControlLike = (marker: string): boolean =>
  /^(<[|｜].*|.*[|｜]>|\[\/?[A-Z_]+\])$/su.test(marker.trim()) || marker.includes("]<]");
