import * as z from "zod";

/** One step of a plan, as a person reads it. */
export const PlanItem = z.strictObject({
  text: z.string().min(1),
  status: z.enum(["pending", "in_progress", "completed"]),
});
export type PlanItem = z.infer<typeof PlanItem>;
