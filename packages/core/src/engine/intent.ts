const announcing =
  /\b(?:let me|let us|let's|i(?:'ll| will| shall)|i(?:'m| am) (?:now )?going to|we(?:'ll| will)|next,? i|first,? i)\b(?! know\b)/i;
const lookedAt = 300;

/** Whether a text ends by saying that something will be done, which without a call it is not. Never for a question. */
export function announcesAction(text: string): boolean {
  const end = text.trim().slice(-lookedAt);
  if (end === "" || /[?？]$/.test(end)) return false;
  const last = end.split(/\n+|(?<=[.!?。！？])\s+/).at(-1) ?? "";
  return /[:：]$/.test(end) || announcing.test(last);
}
