import type { ErrorBody, Evidence, PlanItem, Preview } from "@trust-cli/core/protocol";

import type { ChatStart } from "../controller.ts";
import type { Written } from "./written.ts";

export type CardState = "writing" | "waiting" | "running" | "done" | "failed" | "denied";

/** One tool call on the screen. `output` holds the last lines of what it printed, `hidden` how many came before. */
export interface Card {
  callId: string;
  name: string;
  subject: string;
  state: CardState;
  summary: string;
  /** Of a call that is still being written. */
  written: Written;
  milliseconds: number | undefined;
  output: readonly string[];
  hidden: number;
  /** The unfinished last line and an unfinished escape sequence of streamed output. */
  partial: { line: string; pending: string };
  preview: Preview | undefined;
}

/** What is finished, in order: drawn once, above the live part of the screen. All texts are sanitised. */
export type Block =
  | { kind: "start"; start: ChatStart }
  | { kind: "user"; text: string }
  | { kind: "text"; markdown: string; continued: boolean }
  | { kind: "thought"; words: number }
  | { kind: "tool"; card: Card }
  | { kind: "preview"; preview: Preview; isRecord: boolean }
  | { kind: "plan"; items: readonly PlanItem[] }
  | { kind: "evidence"; evidence: Evidence }
  | { kind: "notice"; text: string }
  | { kind: "output"; text: string }
  | { kind: "error"; error: ErrorBody };
