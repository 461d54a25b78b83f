import type { Evidence } from "../protocol/agent-events.ts";
import type { ToolMessage } from "../protocol/messages.ts";

const shownLines = 5;
const numbered = /^ *(\d+)\t(.*)$/;
const shortestWord = 3;
const fillers = new Set(["what", "which", "where", "the", "does", "show", "how", "and", "for", "from", "that", "this"]);

/**
 * The lines of a tool result that bear on the question: those that share most words with it, in file
 * order; the first lines when none does. Shown as they were read, so that a person can check the answer.
 */
export function evidenceFor(question: string, result: ToolMessage, source: string): Evidence {
  const isFile = result.name === "read_file";
  const lines = result.text.split("\n").map((text, index) => {
    const match = numbered.exec(text);
    if (match !== null) return { number: Number(match[1]), text: match[2] ?? "" };
    return { number: isFile ? index + 1 : undefined, text };
  });
  const words = questionWords(question, source);
  const scored = lines
    .map((line, index) => ({ line, index, score: score(line.text, words) }))
    .filter(({ line }) => line.text.trim() !== "");
  const best = scored
    .filter(({ score: points }) => points > 0)
    .toSorted((a, b) => b.score - a.score || a.index - b.index);
  const chosen = (best.length > 0 ? best : scored).slice(0, shownLines).toSorted((a, b) => a.index - b.index);
  return { callId: result.callId, source, lines: chosen.map(({ line }) => line) };
}

/** Words of the question, less fillers and less the name of the file itself. */
function questionWords(question: string, source: string): Set<string> {
  const named = new Set(wordsOf(source));
  return new Set(wordsOf(question).filter((word) => !fillers.has(word) && !named.has(word)));
}

function wordsOf(text: string): string[] {
  const parts = text
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return (parts ?? []).filter((word) => word.length >= shortestWord);
}

function score(text: string, words: ReadonlySet<string>): number {
  return new Set(wordsOf(text).filter((word) => words.has(word))).size;
}
