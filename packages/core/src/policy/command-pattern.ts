/** What lets one shell command hold another, or write to a file. */
const controls = /[;&|<>$`\n\r()]/;
const controlRuns = /[;&|<>$`\n\r(){}]+/;

/**
 * Whether a command is what an allowing pattern means. `*` stands for anything but shell control characters:
 * those must stand in the pattern itself, so that `npm test*` does not allow `npm test; rm -r src`.
 */
export function matchesCommand(pattern: string, command: string): boolean {
  return matchesWildcards(pattern.trim(), command.trim(), (gap) => !controls.test(gap));
}

/**
 * Whether a denying pattern fits any part of a command, wherever a command could begin: behind `&&` or in `$(…)`,
 * behind `sudo` or an assignment, with a folder before its name, in quotes, and with more arguments when the
 * pattern has no `*`. Errs towards a match.
 * Not a boundary: a determined script can always spell a command differently.
 */
export function mentionsCommand(pattern: string, command: string): boolean {
  const wanted = pattern.includes("*") ? [spaced(pattern)] : [spaced(pattern), `${spaced(pattern)} *`];
  const parts = [command, ...command.split(controlRuns)];
  const texts = parts.flatMap((part) => beginnings(spaced(part)));
  return texts.some((text) => wanted.some((one) => matchesWildcards(one, text, () => true)));
}

/** Without quotes and escapes, with single spaces. */
const spaced = (text: string): string =>
  text
    .replaceAll(/["'\\]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();

/** The text from each word on, and from each file name of a path on. */
function beginnings(text: string): string[] {
  const starts = [...text.matchAll(/(?<=[\s/=])[^\s/]/g)].map(({ index }) => index);
  return [text, ...starts.map((start) => text.slice(start))];
}

/** `*` stands for any text that `isGap` accepts. Linear: the texts between stars are taken where they come first. */
function matchesWildcards(pattern: string, text: string, isGap: (gap: string) => boolean): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end || !isGap(text.slice(at, found))) return false;
    at = found + part.length;
  }
  return isGap(text.slice(at, end));
}
