import { approveCommand } from "./approve.ts";
import { clearCommand } from "./clear.ts";
import { compactCommand } from "./compact.ts";
import { exitCommand } from "./exit.ts";
import { helpCommand } from "./help.ts";
import { modeCommand } from "./mode.ts";
import { modelCommand } from "./model.ts";
import { profileCommand } from "./profile.ts";
import { rewindCommand } from "./rewind.ts";
import type { SlashCommand } from "./slash-command.ts";
import { redoCommand, undoCommand } from "./undo.ts";

export type { SlashCommand, SlashContext } from "./slash-command.ts";

/** All slash commands: help and completion derive from this list. */
export const slashCommands: readonly SlashCommand[] = [
  helpCommand,
  modelCommand,
  profileCommand,
  modeCommand,
  approveCommand,
  undoCommand,
  redoCommand,
  rewindCommand,
  clearCommand,
  compactCommand,
  exitCommand,
];

export interface SlashLine {
  name: string;
  argument: string | undefined;
}

/** `/name argument`; undefined for other text, also for a path such as `/etc/hosts`. */
export function parseSlashLine(text: string): SlashLine | undefined {
  const found = /^\/([a-z][a-z-]*)?(?:\s+(.*))?$/s.exec(text.trim());
  if (found === null) return undefined;
  const argument = found[2]?.trim();
  return { name: found[1] ?? "", argument: argument === "" ? undefined : argument };
}
