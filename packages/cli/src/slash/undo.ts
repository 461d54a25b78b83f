import type { SlashCommand } from "./slash-command.ts";

export const undoCommand: SlashCommand = {
  name: "undo",
  argument: "[N|t12] [merge]",
  description: "take back what the last turn did to files",
  async run(context, argument) {
    context.show(await context.undo("undo", argument));
  },
};

export const redoCommand: SlashCommand = {
  name: "redo",
  argument: "[N|t12] [merge]",
  description: "repeat what was taken back",
  async run(context, argument) {
    context.show(await context.undo("redo", argument));
  },
};
