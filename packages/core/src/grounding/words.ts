/** How much each word counts, in lower case. */
export type Words = ReadonlyMap<string, number>;

const shortest = 3;
const most = 400;

/** The words that paths may have in common with texts: whole tokens, file names, and the words that they are made of. */
export function wordsOf(texts: readonly { text: string; weight: number }[]): Words {
  const words = new Map<string, number>();
  for (const { text, weight } of texts) {
    for (const [token] of text.matchAll(/[\p{L}\p{N}_$@/\\.-]{1,200}/gu)) {
      if (words.size >= most) return words;
      const name = trimmed(token).replaceAll("\\", "/");
      for (const word of [name.slice(name.lastIndexOf("/") + 1), ...partsOf(name)]) {
        const known = word.toLowerCase();
        if (known.length >= shortest) words.set(known, Math.max(weight, words.get(known) ?? 0));
      }
    }
  }
  return words;
}

const trimmed = (token: string): string => token.replaceAll(/^[./-]+|[./-]+$/g, "");

/** `userIndex.test` as `user`, `Index` and `test`. */
export const partsOf = (name: string): readonly string[] =>
  name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+|\p{Lo}+/gu) ?? [];

/** Words of which one begins the other, or that are one letter apart. */
export function isNear(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 4) return false;
  if (long.startsWith(short)) return true;
  if (long.length - short.length > 1) return false;
  const at = short.split("").findIndex((letter, index) => letter !== long[index]);
  const rest = short.slice(short.length === long.length ? at + 1 : at);
  return rest === long.slice(at + 1);
}
