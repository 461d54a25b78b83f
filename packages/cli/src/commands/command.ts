import type { Command } from "commander";

import type { AppFlags } from "../composition/settings.ts";
import { writeText } from "../print/output.ts";

/** Runs a command's work and keeps its exit status. */
export type Run = (work: () => Promise<number>) => Promise<void>;

/** A noun of the command line: one file each, registered in one array. */
export interface CommandModule {
  register(program: Command, run: Run): void;
}

/** The options of the command and of `trust` itself, together. */
export type SharedOptions = AppFlags & { json?: boolean; yes?: boolean };

export function sharedOptions(command: Command): SharedOptions {
  return command.optsWithGlobals<SharedOptions>();
}

/** Prints a value as JSON, or the same as text for people. */
export function printResult(json: boolean | undefined, value: unknown, text: () => string): void {
  if (json === true) process.stdout.write(`${JSON.stringify(value)}\n`);
  else writeText(text());
}
