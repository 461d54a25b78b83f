import type { SlashCommand } from "./slash-command.ts";

export const exitCommand: SlashCommand = {
  name: "exit",
  description: "leave; trust -c goes on later",
  duringTurn: true,
  run({ leave }) {
    leave();
  },
};
