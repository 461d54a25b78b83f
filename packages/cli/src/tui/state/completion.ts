import type { SlashCommand } from "../../slash/index.ts";
import type { Editor } from "./editor.ts";

/** One thing that Tab can put in place of what is typed since `from`. */
export interface Candidate {
  value: string;
  note: string;
}

export interface Completion {
  kind: "file" | "command";
  from: number;
  candidates: readonly Candidate[];
  selected: number;
}

export const shownCandidates = 6;

/** What is being named at the cursor: a file after `@`, or a command at the start of the line. */
export function completionQuery({ text, cursor }: Editor): { kind: "file" | "command"; prefix: string } | undefined {
  const before = text.slice(0, cursor);
  const file = /(?:^|\s)@([^\s@]*)$/.exec(before);
  if (file !== null) return { kind: "file", prefix: file[1] ?? "" };
  const command = /^\/([a-z-]*)$/.exec(before);
  return command === null || cursor < text.length ? undefined : { kind: "command", prefix: command[1] ?? "" };
}

export function commandCandidates(commands: readonly SlashCommand[], prefix: string): Candidate[] {
  return commands
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, description }) => ({ value: name, note: description }));
}
