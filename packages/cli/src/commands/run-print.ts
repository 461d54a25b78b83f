import { TrustError } from "@trust-cli/core/protocol";

import { createApp } from "../composition/app.ts";
import { ChatSession, type SessionChoice } from "../composition/chat-session.ts";
import type { AppFlags } from "../composition/settings.ts";
import { readAnswerForm } from "../print/answer-form.ts";
import { emptyOutcome, reasonText, turnExitStatus } from "../print/outcome.ts";
import { writeNotice } from "../print/output.ts";
import { createPrinter, type OutputFormat, printTurn, type Sinks } from "../print/printers.ts";
import { writeError } from "../print/report-error.ts";
import { promptWithInput, readStandardInput } from "../print/standard-input.ts";
import { interruptSignal } from "./interrupt.ts";

export interface PrintOptions {
  prompt: string | undefined;
  format: OutputFormat;
  session: SessionChoice;
  /** A file with the JSON Schema of the answer. */
  schemaFile: string | undefined;
}

/** `trust -p`: one turn without a screen. Whatever would ask is refused. Returns the exit status. */
export async function runPrint(flags: AppFlags, options: PrintOptions): Promise<number> {
  const answer = options.schemaFile === undefined ? undefined : await readAnswerForm(options.schemaFile);
  const input = await readStandardInput(options.prompt === undefined);
  const text = promptWithInput(options.prompt, input);
  if (text === undefined || text.trim() === "") {
    throw new TrustError("USAGE", "-p needs a question, as its argument or on stdin", {
      hint: 'trust -p "what does this project do"',
    });
  }
  const app = await createApp(flags, false);
  for (const notice of app.resolved.notices) writeNotice(notice);
  await using chat = await ChatSession.open(app, options.session);
  using interrupt = interruptSignal();
  const outcome = emptyOutcome();
  const printer = createPrinter(options.format, standardSinks(), answer !== undefined);
  await printTurn(chat.runTurn({ text, typed: options.prompt ?? "" }, interrupt.signal, answer), printer, outcome);
  for (const note of chat.model.notes?.() ?? []) writeNotice(note);
  const reason = reasonText(outcome);
  if (reason !== undefined) writeError(reason, "text");
  return turnExitStatus(outcome);
}

function standardSinks(): Sinks {
  const isTerminal = process.stderr.isTTY;
  return {
    out: (text) => process.stdout.write(text),
    notice: (text) => process.stderr.write(text),
    progress: (text) => {
      if (isTerminal) process.stderr.write(text);
    },
  };
}
