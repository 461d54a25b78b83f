import type { SlashCommand } from "./slash-command.ts";

export const compactCommand: SlashCommand = {
  name: "compact",
  description: "shorten what the model is sent, without asking the model",
  async run(context) {
    context.show(await context.compact());
  },
};
