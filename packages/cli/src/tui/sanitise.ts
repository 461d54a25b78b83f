import { revealControls, stripTerminalControls, stripTerminalDelta, type StrippedDelta } from "@trust-cli/core/privacy";

/** The screen's forms of the terminal sanitiser: the same, with tabs as spaces, because a cell has one width. */
const expandTabs = (text: string): string => text.replaceAll("\t", "    ");

export function sanitiseDelta(pending: string, delta: string): StrippedDelta {
  const stripped = stripTerminalDelta(pending, delta);
  return { ...stripped, text: expandTabs(stripped.text) };
}

export const sanitise = (text: string): string => expandTabs(stripTerminalControls(text));

/** On one line, for names, subjects and summaries. */
export const sanitiseLine = (text: string): string => sanitise(text).replaceAll("\n", " ").trim();

/** For what a person approves: nothing is dropped, controls and invisible characters are spelled out. */
export const reveal = (text: string): string => expandTabs(revealControls(text));
