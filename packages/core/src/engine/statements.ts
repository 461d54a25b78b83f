import { oneLine } from "../protocol/words.ts";

/** A sentence of the person. The higher its weight, the more it reads like a fact that stays true. */
export interface Statement {
  text: string;
  weight: number;
}

/** A pasted file has no sentences worth looking through to its end. */
const longestText = 4000;

const lasting =
  /\b(?:remember|always|never|must|don't|do not|prefer|important|note|from now on|my name|call me|i am|i'm|we use|we are|our|is called|means|instead of)\b/i;
const stating = /\b(?:is|are|was|were|uses?|has|have|had|should|lives?|runs?)\b|[:=]/i;
const naming = /\d|[`"“«]|[\\/]|\w\.\w|[a-z][A-Z]|_|\b[A-Z]{2,}\b|\s[A-Z][a-z]/;
const asking =
  /[?？]["”’)]*$|^(?:what|why|how|when|where|who|which|can|could|would|will|do|does|did|is|are|please|show|tell|explain|list|find|read|open|run|try|go|continue|thanks?|ok|okay|yes|no)\b/i;

/** The sentences of what a person wrote, in their own words, each on one line. */
export function statementsOf(text: string): Statement[] {
  return text
    .slice(0, longestText)
    .split(/\n+|(?<=[.!?。！？])\s+/)
    .map(oneLine)
    .filter((sentence) => sentence !== "")
    .map((sentence) => ({ text: sentence, weight: weightOf(sentence) }));
}

/** Positive for statements, negative for questions and requests, in any language by the question mark alone. */
function weightOf(sentence: string): number {
  const marks = [
    lasting.test(sentence) ? 3 : 0,
    stating.test(sentence) ? 1 : 0,
    naming.test(sentence) ? 1 : 0,
    sentence.length <= 200 ? 0.5 : 0,
    asking.test(sentence) ? -3 : 0,
  ];
  return marks.reduce((sum, points) => sum + points, 0);
}
