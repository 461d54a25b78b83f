import type { Key } from "ink";

import { sanitise } from "../sanitise.ts";
import type { PromptAction } from "./prompt.ts";

/** One key or one run of text, as Ink reports it. */
export interface KeyPress {
  input: string;
  key: Key;
}

/** With more lines than this at once nobody typed: it is a paste of a terminal that does not mark pastes. */
const typedLines = 3;

/** Keys that came in one piece, because they were typed faster than the screen could take them. */
export function splitKeys(input: string, key: Key): KeyPress[] {
  if (input.length < 2 || input.split(/\r\n?|\n/).length > typedLines) return [{ input, key }];
  const presses: KeyPress[] = [];
  let text = "";
  const endText = (): void => {
    if (text !== "") presses.push({ input: text, key });
    text = "";
  };
  for (const character of input) {
    const press = controlPress(character, key);
    if (press === undefined) text += character;
    else {
      endText();
      presses.push(press);
    }
  }
  endText();
  return presses;
}

function controlPress(character: string, key: Key): KeyPress | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20) return undefined;
  if (character === "\r") return { input: "", key: { ...key, return: true } };
  if (character === "\t") return { input: "", key: { ...key, tab: true } };
  return { input: String.fromCodePoint(code + 0x60), key: { ...key, ctrl: true } };
}

/** What a key means for the prompt; `submit`, `complete` and the others are for the screen to act on. */
export type PromptKey =
  | { type: "edit"; actions: readonly PromptAction[] }
  | { type: "submit" }
  | { type: "complete" }
  | { type: "next-mode" }
  | { type: "cancel" }
  | { type: "interrupt" }
  | { type: "end-of-input" }
  | { type: "none" };

const none: PromptKey = { type: "none" };

export function promptKey(input: string, key: Key): PromptKey {
  if (key.eventType === "release") return none;
  if (key.ctrl && !key.meta) return controlKey(input, key);
  const moved = moveKey(key);
  if (moved !== undefined) return edit(moved);
  return namedKey(key) ?? (key.meta ? metaKey(input) : typedText(input));
}

function namedKey(key: Key): PromptKey | undefined {
  if (key.escape) return { type: "cancel" };
  if (key.tab) return { type: key.shift ? "next-mode" : "complete" };
  if (key.return) return key.shift || key.meta ? insert("\n") : { type: "submit" };
  return key.super || key.hyper ? none : undefined;
}

const edit = (action: PromptAction): PromptKey => ({ type: "edit", actions: [action] });
const insert = (text: string): PromptKey => edit({ type: "insert", text });

const controls: Readonly<Record<string, PromptKey>> = {
  a: edit({ type: "move", to: "line-start" }),
  b: edit({ type: "move", to: "left" }),
  c: { type: "interrupt" },
  d: { type: "end-of-input" },
  e: edit({ type: "move", to: "line-end" }),
  f: edit({ type: "move", to: "right" }),
  h: edit({ type: "delete", what: "left" }),
  j: insert("\n"),
  k: edit({ type: "delete", what: "to-line-end" }),
  n: edit({ type: "down" }),
  p: edit({ type: "up" }),
  u: edit({ type: "delete", what: "to-line-start" }),
  w: edit({ type: "delete", what: "word-left" }),
};

function controlKey(input: string, key: Key): PromptKey {
  if (key.leftArrow) return edit({ type: "move", to: "word-left" });
  if (key.rightArrow) return edit({ type: "move", to: "word-right" });
  if (key.backspace) return edit({ type: "delete", what: "word-left" });
  return controls[input] ?? none;
}

function moveKey(key: Key): PromptAction | undefined {
  if (key.leftArrow) return { type: "move", to: key.meta ? "word-left" : "left" };
  if (key.rightArrow) return { type: "move", to: key.meta ? "word-right" : "right" };
  if (key.upArrow) return { type: "up" };
  if (key.downArrow) return { type: "down" };
  if (key.home) return { type: "move", to: "line-start" };
  if (key.end) return { type: "move", to: "line-end" };
  if (key.backspace) return { type: "delete", what: key.meta ? "word-left" : "left" };
  return key.delete ? { type: "delete", what: "right" } : undefined;
}

function metaKey(input: string): PromptKey {
  if (input === "b") return edit({ type: "move", to: "word-left" });
  return input === "f" ? edit({ type: "move", to: "word-right" }) : none;
}

function typedText(input: string): PromptKey {
  const text = sanitise(input.replaceAll("\r\n", "\n").replaceAll("\r", "\n"));
  if (text === "") return none;
  return edit(text.includes("\n") && text !== "\n" ? { type: "paste", text } : { type: "insert", text });
}
