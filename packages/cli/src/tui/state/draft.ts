import { splitFinished } from "../markdown/split-finished.ts";
import { sanitiseDelta } from "../sanitise.ts";
import type { Block } from "./blocks.ts";
import { type ChatView, commit, emptyDraft } from "./view.ts";

/** Appends to the reply; blocks that are finished go above the live part. */
export function addText(view: ChatView, delta: string): ChatView {
  const { text, pending } = sanitiseDelta(view.draft.pending, delta);
  const split = splitFinished(view.draft.text + text, view.draft.continued);
  const draft = { text: split.rest, continued: split.continued, pending };
  const blocks = split.finished.map((piece): Block => ({ kind: "text", ...piece }));
  return commit({ ...endThought(view), draft, activity: { kind: "answering" } }, ...blocks);
}

/** Counts the words of the model's reasoning; the reasoning itself is not kept. */
export function addThought(view: ChatView, delta: string): ChatView {
  let { words, isInWord } = view.thought;
  for (const character of delta) {
    const isSpace = character.trim() === "";
    if (!isSpace && !isInWord) words += 1;
    isInWord = !isSpace;
  }
  return { ...view, thought: { words, isInWord }, activity: { kind: "thinking" } };
}

/** Everything streamed so far is final: the reply makes room for what follows it. */
export function endText(view: ChatView): ChatView {
  const after = endThought(view);
  const { text, continued } = after.draft;
  if (text.trim() === "") return { ...after, draft: emptyDraft };
  return commit({ ...after, draft: emptyDraft }, { kind: "text", markdown: text, continued });
}

function endThought(view: ChatView): ChatView {
  const { words } = view.thought;
  if (words === 0) return view;
  return commit({ ...view, thought: { words: 0, isInWord: false } }, { kind: "thought", words });
}
