import { stripTerminalControls } from "@trust-cli/core/privacy";

/*
 * Words for people may come from a file, a server or a model. All but the answer of a turn, which is stripped as it
 * streams, goes through here. Line by line, so that a sequence without an end takes no other line along.
 */

/** Text on stdout as it is, without terminal controls. */
export function writeText(text: string): void {
  process.stdout.write(strippedLines(text));
}

/** One notice on stderr, which gets its line end. */
export function writeNotice(text: string): void {
  process.stderr.write(`${strippedLines(text)}\n`);
}

const strippedLines = (text: string): string => text.split("\n").map(stripTerminalControls).join("\n");
