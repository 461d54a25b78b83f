import type { Colour, Line, Style } from "./span.ts";

/** Turns styled lines into terminal text. */
export type Paint = (lines: readonly Line[]) => string;

const colours: Record<Colour, string> = { accent: "36", good: "32", bad: "31", warning: "33" };

/** `NO_COLOR` (any value but the empty one, see no-color.org) keeps bold and dim; `TERM=dumb` has neither. */
export function createPaint(environment: NodeJS.ProcessEnv): Paint {
  const isDumb = environment["TERM"] === "dumb";
  const hasColour = !isDumb && (environment["NO_COLOR"] ?? "") === "";
  const paintLine = (line: Line): string =>
    line.map(({ text, style }) => (isDumb || text === "" ? text : styled(text, style, hasColour))).join("");
  return (lines) => lines.map(paintLine).join("\n");
}

function styled(text: string, style: Style, hasColour: boolean): string {
  const codes = [
    ...(style.bold === true ? ["1"] : []),
    ...(style.dim === true ? ["2"] : []),
    ...(style.italic === true ? ["3"] : []),
    ...(style.colour !== undefined && hasColour ? [colours[style.colour]] : []),
  ];
  return codes.length === 0 ? text : `\u001b[${codes.join(";")}m${text}\u001b[0m`;
}
