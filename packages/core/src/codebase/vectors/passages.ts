import { hash } from "node:crypto";

/** A part of a file that is compared with questions as a whole. Lines count from 1. */
export interface Passage {
  line: number;
  endLine: number;
  /** What the model reads: the path, and the lines. */
  text: string;
  /** The same text has the same key. */
  key: string;
}

/** Lines of one passage: it ends before a definition once it is long enough, and at the latest after `most`. */
const lines = { least: 15, most: 60 };
/** What models for embeddings read of one text, at least. */
const mostCharacters = 1500;

/** Cuts a file where its definitions begin. `starts` are their first lines. Blank passages are left out. */
export function passagesOf(path: string, text: string, starts: readonly number[]): Passage[] {
  const all = text.split("\n");
  const isStart = new Set(starts);
  const passages: Passage[] = [];
  let [from, characters] = [1, 0];
  const cut = (before: number): void => {
    const body = all.slice(from - 1, before - 1).join("\n");
    if (body.trim() !== "") passages.push(passage(path, body, [from, before - 1]));
    [from, characters] = [before, 0];
  };
  for (const [index, line] of all.entries()) {
    const number = index + 1;
    const length = number - from;
    const isFull = length >= lines.most || characters + line.length > mostCharacters;
    if (length > 0 && (isFull || (length >= lines.least && isStart.has(number)))) cut(number);
    characters += line.length + 1;
  }
  cut(all.length + 1);
  return passages;
}

function passage(path: string, body: string, [line, endLine]: readonly [number, number]): Passage {
  const text = `${path}\n${body.slice(0, mostCharacters)}`;
  return { line, endLine, text, key: hash("sha256", text, "hex") };
}
