/** `@diff` is what differs from the last commit, `@terminal` the last command. */
export const keywords = ["diff", "staged", "problems", "terminal"] as const;
export type MentionKeyword = (typeof keywords)[number];

/** Counting from 1, both included. */
export interface MentionedLines {
  from: number;
  to: number;
}

/** What a person points at with `@`. `raw` is as it was written; `place` is a path, a pattern or a symbol. */
export type Mention =
  | { kind: "keyword"; raw: string; keyword: MentionKeyword }
  | { kind: "place"; raw: string; place: string; lines?: MentionedLines };

/** Behind a blank, a bracket or a quote, so that an address such as `me@here.org` is none. */
const form = /(?<=^|[\s([{"'`])@(?:"([^"\n]+)"|([^\s"'`]+))/g;
const lineForm = /^(.+?)(?::|#L)(\d{1,7})(?:-L?(\d{1,7}))?$/;
const closing: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{", ">": "<" };

/** In the order of the text, each once. */
export function parseMentions(text: string): Mention[] {
  const found = new Map<string, Mention>();
  for (const [raw, quoted, bare = ""] of text.matchAll(form)) {
    const mention = quoted === undefined ? bareMention(withoutSentenceEnd(bare)) : placeMention(raw, quoted);
    if (mention !== undefined && !found.has(mention.raw)) found.set(mention.raw, mention);
  }
  return [...found.values()];
}

function bareMention(name: string): Mention | undefined {
  if (name === "" || name.startsWith("@")) return undefined;
  const keyword = keywords.find((one) => one === name);
  return keyword === undefined ? placeMention(`@${name}`, name) : { kind: "keyword", raw: `@${name}`, keyword };
}

function placeMention(raw: string, name: string): Mention {
  const [, place = name, first, last = first] = lineForm.exec(name) ?? [];
  if (first === undefined) return { kind: "place", raw, place: name };
  const [from, to] = [Number(first), Number(last)];
  return { kind: "place", raw, place, lines: { from: Math.max(1, from), to: Math.max(1, from, to) } };
}

/** A bracket belongs to the name only where the name opened it. */
function withoutSentenceEnd(name: string): string {
  const last = name.at(-1) ?? "";
  const opening = closing[last];
  const isSentence = opening === undefined ? /[.,;:!?]/.test(last) : !name.includes(opening);
  return last !== "" && isSentence ? withoutSentenceEnd(name.slice(0, -1)) : name;
}
