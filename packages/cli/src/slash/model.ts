import type { SlashCommand } from "./slash-command.ts";

export const modelCommand: SlashCommand = {
  name: "model",
  argument: "MODEL",
  description: "show the model, or change it and keep the conversation",
  async run(context, argument) {
    if (argument === undefined) context.show(context.describeModel());
    else await context.useModel(argument);
  },
};
