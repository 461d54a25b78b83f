import type { SlashCommand } from "./slash-command.ts";

export const modeCommand: SlashCommand = {
  name: "mode",
  argument: "plan|ask|edit|auto",
  description: "how much is done without asking you; shift-tab goes round",
  async run(context, argument) {
    if (argument === undefined) context.show(`${context.mode()} mode. /mode plan, ask, edit or auto changes it`);
    else await context.useMode(argument);
  },
};
