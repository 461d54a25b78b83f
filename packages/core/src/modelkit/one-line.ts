const longest = 100;

/** A text of a kit or a registry for a line of ours, which it must not be able to end or to repaint. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
}

/** Such a text in quotes, and not all of it when it is long. */
export function quoted(text: string): string {
  return JSON.stringify(oneLine(text.length > longest ? `${text.slice(0, longest)}…` : text));
}
