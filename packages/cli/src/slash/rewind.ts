import type { SlashCommand } from "./slash-command.ts";

export const rewindCommand: SlashCommand = {
  name: "rewind",
  argument: "[N] [files|chat]",
  description: "go back before an earlier message, with files and conversation",
  async run(context, argument) {
    context.show(await context.rewind(argument));
  },
};
