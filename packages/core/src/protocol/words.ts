/** Text of others for a line of ours, which it must not be able to end or to repaint: one blank for each such run. */
export const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();

/** A text as one word for a shell; left as it is where that is safe, so that people can read it. */
export const shellWord = (text: string): string =>
  /^[\w./~:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const longestTitle = 60;

/** What a conversation is called by what the person wrote first: a title without asking a model. */
export function titleOf(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > longestTitle ? `${line.slice(0, longestTitle - 1)}…` : line;
}
