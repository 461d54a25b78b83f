import type { SlashCommand } from "./slash-command.ts";

const keys = [
  ["@path", "name a file; Tab completes"],
  ["Shift-Enter", "new line (also Alt-Enter, Ctrl-J, or \\ at the end of a line)"],
  ["Up, Down", "what you typed before"],
  ["Esc", "stop the turn"],
  ["Ctrl-C twice", "leave"],
] as const;

export const helpCommand: SlashCommand = {
  name: "help",
  description: "show commands and keys",
  duringTurn: true,
  run({ commands, show }) {
    const rows = commands.map((command) => [usage(command), command.description] as const);
    const width = Math.max(...[...rows, ...keys].map(([left]) => left.length));
    show([...rows, ...keys].map(([left, right]) => `${left.padEnd(width)}  ${right}`).join("\n"));
  },
};

const usage = ({ name, argument }: SlashCommand): string => `/${name}${argument === undefined ? "" : ` [${argument}]`}`;
