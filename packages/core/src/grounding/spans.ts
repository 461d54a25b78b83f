import type { Spoken } from "./spoken.ts";

const quoted =
  /`([^`\n]{1,200})`|"([^"\n]{1,200})"|(?<![\p{L}\p{N}])'([^'\n]{1,200})'(?![\p{L}\p{N}])|“([^”\n]{1,200})”/gu;
const word = /[\p{L}\p{N}_$@][\p{L}\p{N}_$@./:#+-]{0,199}/gu;

/** Quotes and code spans, then identifiers and numbers, as they stand in the texts; those of earlier texts first. */
export function spansOf(spoken: readonly Spoken[], most: number): string[] {
  const spans = new Set<string>();
  for (const { text } of spoken) {
    for (const [, ...ways] of text.matchAll(quoted)) spans.add(ways.find((way) => way !== undefined) ?? "");
    for (const [token] of text.matchAll(word)) {
      const span = token.replace(/[./:#+-]+$/, "");
      if (isCode(span)) spans.add(span);
    }
    if (spans.size >= most) break;
  }
  return [...spans].slice(0, most);
}

/** A number, or a name that no plain text has: with a digit, a sign or a capital inside of it. */
const isCode = (span: string): boolean => /[\p{N}_$@./:#+]|\p{Ll}\p{Lu}|^\p{Lu}{2,}$|\p{L}-\p{L}/u.test(span);
