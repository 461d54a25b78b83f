import { taskTool, type TurnDependencies } from "@trust-cli/core/engine";
import { type Grounding, systemClock } from "@trust-cli/core/ports";
import { toolSignature } from "@trust-cli/core/tools";

import type { App } from "./app.ts";
import type { ChosenModel } from "./model.ts";

/** All that a turn runs on, as the settings, the model and what is known of it say. */
export async function turnDependencies(
  app: App,
  { port: model, profile }: ChosenModel,
  systemText: string,
): Promise<TurnDependencies> {
  // The schema compiler is loaded behind the first frame.
  const { createCallMender } = await import("@trust-cli/core/dialects/repair");
  const { gate, config, toolsFor } = app;
  const tools = toolsFor(profile);
  const { steps, minutes, outputTokens } = config.limits;
  const grounded = profile.grounded === true ? { grounding: await createGrounding(app) } : {};
  const review = (signal: AbortSignal): Promise<string | undefined> => app.checks.review(signal);
  const alone = {
    model,
    review,
    gate,
    clock: systemClock,
    profile,
    limits: { steps, minutes, outputTokens },
    ...grounded,
  };
  const withTools = (offered: TurnDependencies["tools"]): TurnDependencies => {
    const signatures = offered.map(toolSignature);
    return { ...alone, tools: offered, signatures, mendCall: createCallMender(signatures) };
  };
  const own = withTools(tools);
  const isOffered = config.tools === undefined || config.tools.includes("task");
  if (profile.delegates !== true || !isOffered) return own;
  return withTools([...tools, taskTool({ dependencies: own, helperTools: () => app.freshTools(profile), systemText })]);
}

async function createGrounding(app: App): Promise<Grounding> {
  // Only some models need it.
  const grounding = await import("@trust-cli/core/grounding");
  return grounding.createGrounding(app.workspace);
}
