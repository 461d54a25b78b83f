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
