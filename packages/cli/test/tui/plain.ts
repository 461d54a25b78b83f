import type { Line } from "../../src/tui/text/span.ts";

/** Lines without their styles. */
export const plain = (lines: readonly Line[]): string[] =>
  lines.map((line) =>
    line
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  );
