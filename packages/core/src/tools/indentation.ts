/**
 * Writes new lines as a place in a file is indented. `wanted` is how a model wrote that place, `found` how the file has
 * it, line by line. Undefined when the same indentation of the model stands for several of the file's.
 */
export function indentedAs(
  lines: readonly string[],
  { wanted, found }: { wanted: readonly string[]; found: readonly string[] },
): string[] | undefined {
  const indents = new Map<string, string>();
  for (const [index, line] of wanted.entries()) {
    if (line.trim() === "") continue;
    const [from, to] = [indentOf(line), indentOf(found[index] ?? "")];
    if ((indents.get(from) ?? to) !== to) return undefined;
    indents.set(from, to);
  }
  return lines.map((line) => {
    const same = wanted.indexOf(line);
    if (line.trim() === "" || same < 0) return line.trim() === "" ? line : moved(line, indents);
    return found[same] ?? line;
  });
}

/**
 * A whole definition, moved so that it begins at this indentation. Where only its first line lost its blanks, only that
 * is moved. As it is when some line lies further out than its first, or where only braces count and a text over several
 * lines might change.
 */
export function beginningAt(text: string, indentation: string): string {
  const lines = text.split("\n");
  const filled = lines.filter((line) => line.trim() !== "");
  const own = indentOf(filled[0] ?? "");
  if (own === indentation || filled.some((line) => !line.startsWith(own))) return text;
  const least = Math.min(...filled.slice(1).map((line) => indentOf(line).length));
  const isClosed = /^\s*([}\])]|end\b)/.test(filled.at(-1) ?? "");
  if (isClosed && /`|"""/.test(text)) return text;
  const isFirstAlone = own === "" && Number.isFinite(least) && least >= indentation.length + (isClosed ? 0 : 1);
  if (isFirstAlone) return text.replace(/\S/, (first) => indentation + first);
  return lines.map((line) => (line.trim() === "" ? line : indentation + line.slice(own.length))).join("\n");
}

export const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? "";

function moved(line: string, indents: ReadonlyMap<string, string>): string {
  const indent = indentOf(line);
  const keys = [...indents.keys()].toSorted((a, b) => b.length - a.length);
  const inside = keys.find((key) => indent.startsWith(key));
  if (inside !== undefined) {
    const base = indents.get(inside) ?? "";
    return base + deeper(indent.slice(inside.length), inside, base) + line.slice(indent.length);
  }
  const outside = keys.at(-1) ?? "";
  const base = indents.get(outside) ?? "";
  return base.slice(0, Math.max(0, base.length - (outside.length - indent.length))) + line.slice(indent.length);
}

/** Further blanks become tabs where blanks of the place are tabs in the file. */
function deeper(blanks: string, from: string, to: string): string {
  const isTabs = /^\t+$/.test(to) && /^ +$/.test(from) && from.length % to.length === 0 && /^ *$/.test(blanks);
  if (!isTabs) return blanks;
  const width = from.length / to.length;
  return "\t".repeat(Math.floor(blanks.length / width)) + " ".repeat(blanks.length % width);
}
