import type { AgentEvent } from "@trust-cli/core/protocol";

import type { App } from "./app.ts";
import { type ChosenModel, chooseModel } from "./model.ts";

type TurnEnd = Extract<AgentEvent, { type: "turn-end" }>;

/** Said to the model that takes over. The conversation shows it the rest. */
export const takeOver =
  "The model before you got stuck. Look at what was done so far, and finish what the person asked for.";

/** The model could not go on by itself; limits, refusals and broken connections are something else. */
const isStuck = ({ reason, error }: TurnEnd): boolean =>
  reason === "repetition" || (reason === "error" && error?.code === "MODEL_FAILED");

/** The model that the person lets take over, or why it does not, where that is to be said. */
export async function largerModel(
  end: TurnEnd,
  { app, current }: { app: App; current: ChosenModel },
): Promise<ChosenModel | { why: string } | undefined> {
  const { config, workspace, paths, environment } = app;
  const { model, remote } = config.escalation;
  if (model === undefined || model === current.id || !isStuck(end)) return undefined;
  const alone = { ...config, model, fallback: { ...config.fallback, models: [] } };
  const chosen = await chooseModel(alone, workspace.root, paths, environment);
  if (chosen.local || remote || !current.local) return chosen;
  await chosen.port[Symbol.asyncDispose]();
  return { why: `${model} did not take over: it is elsewhere, and escalation.remote is not set` };
}
