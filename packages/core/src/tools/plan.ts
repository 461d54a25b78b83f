import * as z from "zod";

import type { Tool, ToolOutcome } from "../ports/tool.ts";
import { ok } from "../protocol/errors.ts";
import { PlanItem } from "../protocol/plan.ts";

/** More is no plan that a person reads. */
const most = 30;

const Input = z.strictObject({ items: z.array(PlanItem).min(1).max(most) });
type Input = z.infer<typeof Input>;

/** Every call gives the whole plan, so that the last one in a conversation says all. */
export function planTool(): Tool<Input> {
  return {
    name: "plan",
    description: "Show the steps of a longer task and tick them off; give the whole list each time",
    risk: "read",
    input: Input,
    subject: ({ items }) => (items.find(({ status }) => status === "in_progress") ?? items[0])?.text ?? "",
    prepare: ({ items }) => Promise.resolve(ok({ run: () => Promise.resolve(noted(items)) })),
  };
}

function noted(items: readonly PlanItem[]): ToolOutcome {
  const completed = items.filter(({ status }) => status === "completed").length;
  const next = items.find(({ status }) => status !== "completed")?.text;
  const summary = `${completed} of ${items.length} done`;
  return { status: "ok", text: next === undefined ? summary : `${summary}; next: ${next}`, summary, plan: items };
}
