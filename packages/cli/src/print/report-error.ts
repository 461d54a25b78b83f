import { type ErrorBody, errorBody, errorKinds, exitStatus, isAbort } from "@trust-cli/core/protocol";

import { writeNotice } from "./output.ts";
import type { OutputFormat } from "./printers.ts";

/** Says what, why and what next on stderr, or as JSON on stdout; returns the exit status. */
export function reportError(error: unknown, format: OutputFormat): number {
  const body = isAbort(error) ? ({ code: "INTERRUPTED", message: "interrupted" } as const) : errorBody(error);
  writeError(body, format);
  if (process.env["TRUST_DEBUG"] === "1" && error instanceof Error) writeNotice(error.stack ?? "");
  return exitStatus[errorKinds[body.code]];
}

export function writeError(body: ErrorBody, format: OutputFormat): void {
  if (format !== "text") {
    const value = format === "json" ? { error: body } : { type: "error", error: body };
    process.stdout.write(`${JSON.stringify(value)}\n`);
    return;
  }
  writeNotice(sentence(body.message));
  if (body.hint !== undefined) writeNotice(`  ${body.hint}`);
}

/** Names of files, hosts and programs stay as they are written: people copy them. */
function sentence(text: string): string {
  const capital = /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
