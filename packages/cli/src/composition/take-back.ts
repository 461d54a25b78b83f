import type { Direction, Selection } from "@trust-cli/core/journal";
import { TrustError } from "@trust-cli/core/protocol";

import { undoneText } from "../print/undone-text.ts";
import type { ChatSession } from "./chat-session.ts";

/** `/undo 2`, `/undo t12`, `/undo merge`: what was done, in lines. */
export async function undoInChat(chat: ChatSession, direction: Direction, argument = ""): Promise<string> {
  const words = argument.split(/\s+/).filter((word) => word !== "");
  const merge = words.includes("merge");
  const selection = selectionOf(
    direction,
    words.find((word) => word !== "merge"),
  );
  const undone = await chat.undo({ direction, selection, merge });
  if (!undone.ok) throw undone.error;
  return undoneText(direction, undone.value);
}

/** Which turns a word such as `2` or `t12` names; without one, the last. Throws USAGE. */
export function selectionOf(direction: Direction, what = "1"): Selection {
  const id = /^t(\d+)$/.exec(what)?.[1];
  if (id !== undefined) return { kind: "turn", id: Number(id) };
  const count = Number(what);
  if (Number.isSafeInteger(count) && count > 0) return { kind: "last", count };
  throw new TrustError("USAGE", `${what} is neither a number of turns nor a turn such as t12`, {
    hint: `trust ${direction} --list shows the turns`,
  });
}

const parts = ["both", "files", "chat"] as const;
type Part = (typeof parts)[number];

/**
 * `/rewind 2 [files|chat]`: as if the last but one message had not been said. Files come first: when they cannot be
 * taken back, the conversation stays, too. Without a number, the messages to go back to.
 */
export async function rewindChat(chat: ChatSession, argument = ""): Promise<{ text: string; isShorter: boolean }> {
  const said = chat.said.toReversed();
  const [number = "", part = "both"] = argument.split(/\s+/);
  if (number === "") return { text: choices(said.map(({ text }) => text)), isShorter: false };
  const message = said[Number(number) - 1];
  if (message === undefined || !isPart(part)) {
    throw new TrustError("USAGE", "that is no message to go back to", { hint: "/rewind lists them; /rewind 1 files" });
  }
  const lines = part === "chat" ? [] : [await undoSince(chat, message.place)];
  if (part !== "files") {
    await chat.rewind(message.place);
    lines.push(`Back before: ${firstLine(message.text)}`);
  }
  return { text: lines.join("\n"), isShorter: part !== "files" };
}

async function undoSince(chat: ChatSession, message: number): Promise<string> {
  const selection = { kind: "since", session: chat.sessionId ?? "", message } as const;
  const undone = await chat.undo({ direction: "undo", selection, merge: false });
  if (!undone.ok) throw undone.error;
  return undone.value.files.length === 0 ? "No files had changed." : undoneText("undo", undone.value).trimEnd();
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

const isPart = (word: string): word is Part => parts.some((part) => part === word);

function choices(texts: readonly string[]): string {
  if (texts.length === 0) return "Nothing was said yet.";
  const rows = texts.map((text, index) => `  ${index + 1}  ${firstLine(text).slice(0, 70)}`);
  return [
    ...rows,
    "/rewind N goes back before one of these, with files; /rewind N files or chat only one of both",
  ].join("\n");
}
