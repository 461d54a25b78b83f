import { stripTerminalControls, stripTerminalDelta } from "@trust-cli/core/privacy";
import { type AgentEvent, assertNever, parseUnknownJson } from "@trust-cli/core/protocol";

import { recordEvent, type TurnOutcome } from "./outcome.ts";

/** Where output goes: `out` is the answer, `notice` must reach the person, `progress` is for a terminal only. */
export interface Sinks {
  out(text: string): void;
  notice(text: string): void;
  progress(text: string): void;
}

/** A fold over the events of a turn that writes as it goes. */
export interface Printer {
  event(event: AgentEvent): void;
  end(outcome: TurnOutcome): void;
}

export type OutputFormat = "text" | "json" | "stream-json";

/** `isValue`: the answer is one JSON value, and nothing else may stand beside it. */
export function createPrinter(format: OutputFormat, sinks: Sinks, isValue = false): Printer {
  switch (format) {
    case "text":
      return isValue ? valuePrinter(sinks) : textPrinter(sinks);
    case "json":
      return jsonPrinter(sinks, isValue);
    case "stream-json":
      return { event: (event) => sinks.out(`${JSON.stringify(event)}\n`), end: () => undefined };
    default:
      return assertNever(format);
  }
}

function jsonPrinter(sinks: Sinks, isValue: boolean): Printer {
  return {
    event: (event) => showProgress(event, sinks),
    end: ({ text, calls, usage, sessionId, reason, error }) => {
      const answer = isValue && reason === "done" ? { value: parseUnknownJson(text, "the answer") } : {};
      const value = error === undefined ? { text, calls, usage, sessionId, reason, ...answer } : { error, sessionId };
      sinks.out(`${JSON.stringify(value)}\n`);
    },
  };
}

/** Nothing of an answer is written before it is known to be a value. */
function valuePrinter(sinks: Sinks): Printer {
  return {
    event(event) {
      showRefusal(event, sinks);
      showProgress(event, sinks);
    },
    end: ({ text, reason }) => {
      if (reason === "done") sinks.out(`${escapedControls(text.trim())}\n`);
    },
  };
}

/** The same JSON: controls and invisible characters can only stand in its strings. */
const escapedControls = (json: string): string =>
  json.replaceAll(/[^\P{C}\n\r\t]|[\u2028\u2029]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );

/** The answer as it is written; what the tools did goes to the person's terminal, not into the answer. */
function textPrinter(sinks: Sinks): Printer {
  let column = 0;
  const write = (text: string): void => {
    if (text === "") return;
    sinks.out(text);
    column = text.endsWith("\n") ? 0 : 1;
  };
  const freshLine = (): void => {
    if (column !== 0) write("\n");
  };
  let pending = "";
  return {
    event(event) {
      if (event.type === "text-delta") {
        const stripped = stripTerminalDelta(pending, event.delta);
        pending = stripped.pending;
        write(stripped.text);
      }
      if (event.type === "step-end" || event.type === "model-restart") {
        pending = "";
        freshLine();
      }
      if (event.type === "evidence") write(evidenceText(event));
      showRefusal(event, sinks);
      showProgress(event, sinks);
    },
    end: freshLine,
  };
}

/** A small model may say that it did what was refused: the person must see that it was not done. */
function showRefusal(event: AgentEvent, sinks: Sinks): void {
  if (event.type !== "tool-end" || event.status !== "refused") return;
  sinks.notice(stripTerminalControls(`${marks.refused} ${event.text}\n`));
}

function evidenceText({ evidence }: Extract<AgentEvent, { type: "evidence" }>): string {
  const lines = evidence.lines.map(
    ({ number, text }) => `  ${String(number ?? "").padStart(5)}  ${stripTerminalControls(text)}\n`,
  );
  return `\n  from ${stripTerminalControls(evidence.source)}:\n${lines.join("")}`;
}

const planMarks = { pending: "○", in_progress: "◐", completed: "●" } as const;

const marks = { ok: "●", failed: "✗", refused: "⊘" } as const;

/** What the engine says of itself must reach the person; the rest is for a terminal. */
function showProgress(event: AgentEvent, sinks: Sinks): void {
  const notice = (text: string): void => sinks.notice(stripTerminalControls(text));
  const progress = (text: string): void => sinks.progress(stripTerminalControls(text));
  switch (event.type) {
    case "model-load":
      sinks.progress(`\r loading model ${Math.round(event.fraction * 100)}%${event.fraction >= 1 ? "\n" : ""}`);
      return;
    case "model-restart":
      notice(`${event.reason}; starting it again\n`);
      return;
    case "tool-start":
      progress(`◐ ${event.call.name}  ${event.subject}\n`);
      return;
    case "tool-end":
      if (event.status === "ok") progress(`${marks.ok} ${event.summary}\n`);
      if (event.status === "failed") progress(`${marks.failed} ${event.summary}: ${event.text}\n`);
      return;
    case "plan":
      progress(event.items.map(({ text, status }) => `  ${planMarks[status]} ${text}\n`).join(""));
      return;
    case "notice":
      notice(`${event.text}\n`);
      return;
    default:
  }
}

/** Passes every event to the printer and folds the outcome. */
export async function printTurn(
  events: AsyncIterable<AgentEvent>,
  printer: Printer,
  outcome: TurnOutcome,
): Promise<TurnOutcome> {
  for await (const event of events) {
    recordEvent(outcome, event);
    printer.event(event);
  }
  printer.end(outcome);
  return outcome;
}
