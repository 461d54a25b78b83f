/** A byte-level BPE vocabulary in GPT-2's spelling: 256 byte tokens, then one token a merge. */
export interface BytePairs {
  tokens: string[];
  merges: string[];
}

/** Prose and code enough for sensible pieces; what a real tokenizer would know is not the point here. */
const corpus = `
The user asks a question about the project and the assistant reads the file before it answers. You are a helpful
assistant. You may call one or more functions to assist with the user query. Read the file, search the text, list the
folder, edit the file, run the command and show the result. The working directory is the root of the repository.
import { readFile } from "node:fs/promises"; export const value = await readFile(path, "utf8"); return value.length;
function name(arguments) { if (arguments === undefined) { return null; } } const result: string = name("path");
{"type": "function", "function": {"name": "read_file", "description": "Read a file", "parameters": {"type": "object",
"properties": {"path": {"type": "string"}, "content": {"type": "string"}}, "required": ["path", "content"]}}}
system user assistant tool function signatures within tags for each call with name and arguments object string integer
`;

const pieces = / ?[A-Za-z]+| ?[0-9]| ?[^\sA-Za-z0-9]+|\s+/g;

/** GPT-2's printable stand-in for each byte (openai/gpt-2, encoder.py). */
const byteSpelling: readonly string[] = spellBytes();

function spellBytes(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let other = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : other++));
}

/** A text in the spelling of the vocabulary's ordinary tokens. */
export const spell = (text: string): string =>
  [...Buffer.from(text, "utf8")].map((byte) => byteSpelling[byte]).join("");

/** Learns `count` merges, always joining the most frequent pair. */
export function learnBytePairs(count: number): BytePairs {
  const words = countWords();
  const tokens = [...byteSpelling];
  const merges: string[] = [];
  while (merges.length < count) {
    const pair = mostFrequentPair(words);
    if (pair === undefined) break;
    const [left, right] = pair;
    merges.push(`${left} ${right}`);
    tokens.push(left + right);
    for (const word of words) join(word.parts, left, right);
  }
  return { tokens, merges };
}

interface Word {
  parts: string[];
  count: number;
}

function countWords(): Word[] {
  const counts = new Map<string, number>();
  for (const [piece] of corpus.matchAll(pieces)) {
    const word = spell(piece);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => ({ parts: Array.from(word), count }));
}

function mostFrequentPair(words: readonly Word[]): [string, string] | undefined {
  const counts = new Map<string, number>();
  let best: string | undefined;
  let bestCount = 1;
  for (const { parts, count } of words) {
    for (let index = 0; index + 1 < parts.length; index++) {
      const pair = `${parts[index]} ${parts[index + 1]}`;
      const total = (counts.get(pair) ?? 0) + count;
      counts.set(pair, total);
      if (total > bestCount) [best, bestCount] = [pair, total];
    }
  }
  const [left, right] = best?.split(" ") ?? [];
  return left === undefined || right === undefined ? undefined : [left, right];
}

function join(parts: string[], left: string, right: string): void {
  for (let index = 0; index + 1 < parts.length; index++) {
    if (parts[index] === left && parts[index + 1] === right) parts.splice(index, 2, left + right);
  }
}
