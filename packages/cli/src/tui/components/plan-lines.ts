import type { PlanItem } from "@trust-cli/core/protocol";

import { dim, type Line, type Span, span } from "../text/span.ts";
import { truncate } from "../text/width.ts";

const marks: Record<PlanItem["status"], Span> = {
  pending: dim("○"),
  in_progress: span("◐", { colour: "accent" }),
  completed: span("●", { colour: "good" }),
};

/** The steps of a plan, one a line. */
export const planLines = (items: readonly PlanItem[], width: number): Line[] =>
  items.map(({ text, status }) => {
    const words = status === "completed" ? dim(text) : span(text);
    return truncate([span("  "), marks[status], span(" "), words], width);
  });
