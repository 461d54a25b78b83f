import { learnBytePairs, spell } from "./mini-bpe.ts";

const tokenKinds = { normal: 1, control: 3, userDefined: 4 } as const;

/** The generation prompt after a tool result ends with this token, so that another reply can follow it. */
export const afterToolToken = "<|after_tool|>";
export const endToken = "<|im_end|>";
const promptEnd = "assistant\n";
/** The token that ends the generation prompt: a newline. */
export const promptEndToken = spell("\n");
const controlTokens = ["<|endoftext|>", "<|im_start|>", endToken, afterToolToken];
/** What a code model gets around the text at a cursor, and between files. */
export const infillTokens = {
  prefix: "<|fim_prefix|>",
  suffix: "<|fim_suffix|>",
  middle: "<|fim_middle|>",
  separator: "<|file_sep|>",
} as const;
const markerTokens = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"];
const mergeCount = 300;

export interface Vocabulary {
  tokens: readonly string[];
  /** GGUF token types, one a token. */
  kinds: readonly number[];
  merges: readonly string[];
  /** Which token follows which, by id; a reply's last chunk is followed by `<|im_end|>`, or by its first. */
  successors: ReadonlyMap<number, number>;
  endId: number;
  /** By text, of control tokens alone. */
  controlIds: ReadonlyMap<string, number>;
}

/** Each reply with the token after which it begins. */
export interface Chain {
  after: string;
  chunks: readonly string[];
}

/** A vocabulary in which each chunk of the replies is a token, and the order in which they follow each other. */
export function scriptVocabulary(chains: readonly Chain[], loop: boolean): Vocabulary {
  const { tokens: bytePairs, merges } = learnBytePairs(mergeCount);
  const ids = new Map<string, number>(bytePairs.map((token, id) => [token, id]));
  const kinds: number[] = bytePairs.map(() => tokenKinds.normal);
  const add = (text: string, kind: number): number => {
    const id = ids.size;
    ids.set(text, id);
    kinds.push(kind);
    return id;
  };
  const isCode = chains.some(({ after }) => after === infillTokens.middle);
  const control = [...controlTokens, ...(isCode ? Object.values(infillTokens) : [])];
  const controlIds = new Map(control.map((text) => [text, add(text, tokenKinds.control)]));
  for (const text of markerTokens) add(text, tokenKinds.userDefined);
  const endId = ids.get(endToken) ?? 0;
  const successors = new Map<number, number>();
  for (const { after, chunks } of chains) {
    const start = ids.get(after);
    if (start === undefined) throw new Error(`no token ${after}`);
    const isFree = (chunk: string): boolean => isFreeChunk(chunk, ids, successors);
    const reply = distinctChunks(chunks, isFree).map((chunk) => ids.get(chunk) ?? add(chunk, tokenKinds.userDefined));
    link(successors, [start, ...reply], loop ? (reply[0] ?? endId) : endId);
  }
  return { tokens: [...ids.keys()], kinds, merges, successors, endId, controlIds };
}

/**
 * A token has one successor, so no chunk may be one that has one; nor may it spell an ordinary token's bytes, or
 * be read as the end of the generation prompt.
 */
function isFreeChunk(
  chunk: string,
  ids: ReadonlyMap<string, number>,
  successors: ReadonlyMap<number, number>,
): boolean {
  if (markerTokens.includes(chunk)) return !successors.has(ids.get(chunk) ?? -1);
  return !ids.has(chunk) && !promptEnd.endsWith(chunk);
}

/** Joins a chunk that may not be used, or occurs a second time, to its neighbours. The text stays the same. */
function distinctChunks(chunks: readonly string[], isFree: (chunk: string) => boolean): string[] {
  const result: string[] = [];
  const usable = (chunk: string): boolean => isFree(chunk) && !result.includes(chunk);
  let pending = "";
  for (const chunk of chunks) {
    pending += chunk;
    if (!usable(pending)) continue;
    result.push(pending);
    pending = "";
  }
  while (pending !== "" && !usable(pending)) {
    const previous = result.pop();
    if (previous === undefined) throw new Error(`the reply ${JSON.stringify(chunks.join(""))} cannot be scripted`);
    pending = previous + pending;
  }
  return pending === "" ? result : [...result, pending];
}

function link(successors: Map<number, number>, chain: readonly number[], last: number): void {
  for (const [index, id] of chain.entries()) successors.set(id, chain[index + 1] ?? last);
}
