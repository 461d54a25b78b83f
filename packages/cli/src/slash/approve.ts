import type { SlashCommand } from "./slash-command.ts";

const go = "The plan is approved. Carry it out, step by step.";

/** Plan mode reads only; the person's word ends it. */
export const approveCommand: SlashCommand = {
  name: "approve",
  argument: "[ask|edit|auto]",
  description: "let the plan be carried out: leaves plan mode, and asks before each change unless told",
  async run(context, argument = "ask") {
    if (context.mode() !== "plan") {
      context.show("there is nothing to approve outside plan mode. /mode plan enters it");
      return;
    }
    await context.useMode(argument);
    context.send(go);
  },
};
