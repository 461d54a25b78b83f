import type { ToolDependencies } from "./dependencies.ts";
import { indentOf } from "./indentation.ts";

/** Code that a model wrote for a place in a file. `apply` gives the whole file with a text at that place. */
export interface WrittenCode {
  path: string;
  before: string;
  text: string;
  /** Of the line where the place begins; undefined for a whole file. */
  indentation: string | undefined;
  apply: (text: string) => string | undefined;
}

export interface MendedCode {
  after: string;
  /** What was mended, in words; undefined for nothing. */
  note: string | undefined;
}

/**
 * Mends what small models often get wrong around right code: the fences of Markdown, and indentation. Only when the
 * file would have new syntax errors without it, or be one text, and has none with it. Undefined when the text does not fit the place.
 */
export async function mendCode(
  written: WrittenCode,
  { problems }: Pick<ToolDependencies, "problems">,
): Promise<MendedCode | undefined> {
  const { path, before, text, apply } = written;
  const after = apply(text);
  if (after === undefined || problems === undefined)
    return after === undefined ? undefined : { after, note: undefined };
  const known = new Set(await quietly(problems(path, before)));
  const isBroken = async (candidate: string): Promise<boolean> =>
    (await quietly(problems(path, candidate))).some((problem) => !known.has(problem));
  const isHidden = readsBackticks.test(path) && withoutFences(text) !== undefined;
  if (!isHidden && !(await isBroken(after))) return { after, note: undefined };
  for (const { text: other, note } of otherForms(written)) {
    const mended = apply(other);
    if (mended !== undefined && mended !== after && !(await isBroken(mended))) return { after: mended, note };
  }
  return { after, note: undefined };
}

/** Languages to which fences of backticks are a text or a command, and all between them a part of it. */
const readsBackticks = /\.([cm]?[jt]sx?|sh|bash|zsh|rb|php)$/i;

/** A parser that fails has nothing against the text. */
const quietly = (found: Promise<readonly string[]>): Promise<readonly string[]> => found.catch(() => []);

interface Form {
  text: string;
  note: string;
}

function otherForms({ text, indentation }: WrittenCode): Form[] {
  const bare = withoutFences(text);
  const indented = (form: string, note: string): Form[] =>
    indentation === undefined ? [] : indentedForms(form, indentation).map((one) => ({ text: one, note }));
  const unfenced: Form[] = bare === undefined ? [] : [{ text: bare, note: "code fences removed" }];
  const both = bare === undefined ? [] : indented(bare, "code fences removed and indented as the place is");
  return [...unfenced, ...indented(text, "indented as the place is"), ...both];
}

/** The inside of one fenced block that is all there is. */
function withoutFences(text: string): string | undefined {
  return /^\s*(`{3,}|~{3,})[^\n`]*\n([\s\S]*?)\n?[ \t]*\1\s*$/.exec(text)?.[2];
}

/** All lines moved alike; all but the first, which stands behind the indentation already; the first alone. */
function indentedForms(text: string, indentation: string): string[] {
  const lines = text.split("\n");
  const [first = "", ...rest] = lines;
  return [
    moved(lines, indentation),
    [first, ...moved(rest, indentation).split("\n")].join("\n"),
    [indentation + first.trimStart(), ...rest].join("\n"),
  ];
}

/** Moves lines so that the least indented one has this indentation. */
function moved(lines: readonly string[], indentation: string): string {
  const filled = lines.filter((line) => line.trim() !== "");
  const least = Math.min(...filled.map((line) => indentOf(line).length));
  return lines.map((line) => (line.trim() === "" ? line : indentation + line.slice(least))).join("\n");
}
