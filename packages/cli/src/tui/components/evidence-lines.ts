import type { Evidence } from "@trust-cli/core/protocol";

import { dim, type Line, span } from "../text/span.ts";
import { truncate } from "../text/width.ts";

/** The lines that were read, beside the sentence that the model made of them. */
export function evidenceLines({ source, lines }: Evidence, width: number): Line[] {
  const digits = Math.max(...lines.map(({ number }) => String(number ?? "").length), 0);
  const body = lines.map(({ number, text }): Line => [dim(`  ${String(number ?? "").padStart(digits)}  `), span(text)]);
  return [[dim(`  from ${source}`)], ...body.map((line) => truncate(line, width))];
}
