import type { SlashCommand } from "./slash-command.ts";

export const profileCommand: SlashCommand = {
  name: "profile",
  argument: "NAME",
  description: "show the profiles, or go on under one; none goes back to your settings",
  async run(context, argument) {
    if (argument === undefined) context.show(context.describeProfiles());
    else await context.useProfile(argument === "none" ? undefined : argument);
  },
};
