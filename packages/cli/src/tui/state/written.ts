import { sanitise } from "../sanitise.ts";

/** What a model has written of a call: the end of it, and how many lines it was. */
export interface Written {
  /** JSON as it came. */
  tail: string;
  lines: number;
  /** The last character was a backslash that the next one belongs to. */
  isEscaped: boolean;
}

export const nothingWritten: Written = { tail: "", lines: 0, isEscaped: false };

const keptCharacters = 2000;
const shownLines = 6;

/** Only for the eye: the call counts when it is whole. */
export function writeOn({ tail, lines, isEscaped }: Written, delta: string): Written {
  let [count, escaped] = [lines, isEscaped];
  for (const character of delta) {
    if (escaped && character === "n") count++;
    escaped = !escaped && character === "\\";
  }
  return { tail: (tail + delta).slice(-keptCharacters), lines: count, isEscaped: escaped };
}

/** The last lines of the text in the JSON, once there are several. */
export function writtenLines({ tail, lines }: Written): string[] {
  if (lines < 2) return [];
  const text = tail.replaceAll(/\\(["\\/nrt]|u[0-9a-fA-F]{4})/g, (_, escape: string) => unescaped(escape));
  return sanitise(text).split("\n").slice(-shownLines);
}

function unescaped(escape: string): string {
  if (escape.startsWith("u")) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return { n: "\n", r: "", t: "  " }[escape] ?? escape;
}
