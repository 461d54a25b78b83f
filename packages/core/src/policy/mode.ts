import * as z from "zod";

import type { Risk } from "../protocol/agent-events.ts";

/** How much is done without asking: `plan` reads only, `ask` asks before effects, `edit` before commands, `auto` never. */
export const Mode = z.enum(["plan", "ask", "edit", "auto"]);
export type Mode = z.infer<typeof Mode>;

type Effect = "allow" | "ask" | "deny";

/** What a mode says when no rule does. */
export const modeEffects: Readonly<Record<Mode, Readonly<Record<Risk, Effect>>>> = {
  plan: { read: "allow", change: "deny", command: "deny" },
  ask: { read: "allow", change: "ask", command: "ask" },
  edit: { read: "allow", change: "allow", command: "ask" },
  auto: { read: "allow", change: "allow", command: "allow" },
};
