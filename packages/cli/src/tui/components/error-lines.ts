import type { ErrorBody } from "@trust-cli/core/protocol";

import { dim, type Line, prefixLines, span } from "../text/span.ts";
import { wrap } from "../text/width.ts";

/** What happened and why, then what to do next. */
export function errorLines({ message, hint }: ErrorBody, width: number): Line[] {
  const inner = Math.max(1, width - 4);
  const what = prefixLines(wrap([span(message)], inner), span("  ✗ ", { colour: "bad" }));
  const next = hint === undefined ? [] : wrap([dim("Try: "), span(hint)], inner);
  return [...what, ...prefixLines(next, span("    "))];
}
