import type { SlashCommand } from "./slash-command.ts";

export const modelCommand: SlashCommand = {
  name: "model",
  argument: "MODEL",
  description: "choose a model, or change to a named one, and keep the conversation",
  async run(context, argument) {
    if (argument === undefined) await context.pickModel();
    else await context.useModel(argument);
  },
};
