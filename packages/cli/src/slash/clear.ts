import type { SlashCommand } from "./slash-command.ts";

export const clearCommand: SlashCommand = {
  name: "clear",
  description: "begin a new conversation; the old one stays stored",
  async run(context) {
    await context.clear();
    context.show("new conversation");
  },
};
