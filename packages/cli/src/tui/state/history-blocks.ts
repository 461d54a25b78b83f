import type { Message } from "@trust-cli/core/protocol";

import { sanitise, sanitiseLine } from "../sanitise.ts";
import type { Block } from "./blocks.ts";
import { newCard } from "./cards.ts";

/** More would delay the first frame; the model still knows all of it. */
const shownMessages = 40;

/** The end of a resumed conversation as finished blocks. */
export function historyBlocks(history: readonly Message[]): Block[] {
  const shown = history.slice(-shownMessages);
  const earlier = history.length - shown.length;
  const note: Block[] = earlier === 0 ? [] : [{ kind: "notice", text: `${earlier} earlier messages are not shown` }];
  return [...note, ...shown.flatMap(messageBlocks)];
}

function messageBlocks(message: Message): Block[] {
  switch (message.role) {
    case "system":
      return [];
    case "user":
      return [{ kind: message.origin === undefined ? "user" : "notice", text: sanitise(message.text) }];
    case "assistant": {
      const text = sanitise(message.text);
      return text.trim() === "" ? [] : [{ kind: "text", markdown: text, continued: false }];
    }
    case "tool": {
      const state = message.status === "ok" ? "done" : message.status === "failed" ? "failed" : "denied";
      const card = { ...newCard(message.callId, message.name), state, summary: sanitiseLine(message.summary) } as const;
      return [{ kind: "tool", card }];
    }
  }
}
