import type { ChatStart } from "../controller.ts";
import { sanitiseLine } from "../sanitise.ts";
import { bold, dim, type Line, span } from "../text/span.ts";
import { wrap } from "../text/width.ts";

/** What runs, where, on which model: at most a few lines. */
export function headerLines(start: ChatStart, width: number): Line[] {
  const place = [start.cwdLabel, ...(start.branch === undefined ? [] : [start.branch])].map(sanitiseLine);
  const lines: Line[] = [
    [bold("trust"), dim(` ${start.version} · ${place.join(" · ")}`)],
    [span(sanitiseLine(start.modelName)), dim(` ${sanitiseLine(start.modelNote)}`)],
    ...start.notices.map((notice): Line => [span(sanitiseLine(notice))]),
  ];
  return lines.flatMap((line) => wrap(line, width));
}
