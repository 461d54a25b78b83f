import { TrustError } from "../../../protocol/errors.ts";
import type { HostInfill, HostReply } from "../../../protocol/host.ts";
import type { Token } from "./addon.ts";
import { throttled } from "./generate.ts";
import type { Step } from "./job.ts";
import type { ChatModel } from "./loaded-model.ts";
import { TokenSampler } from "./sampler.ts";
import { ScopeEnd } from "./scope-end.ts";
import { TokenDecoder } from "./token-decoder.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Tokens with which models separate the files of a repository, by family. */
const fileSeparators = ["<|file_sep|>", "<file_sep>", "<|file_separator|>"];
/** Of the window, at most these shares are code around the cursor and what is written. */
const prefixShare = 0.5;
const suffixShare = 0.25;
const writtenShare = 0.5;
/** What stands behind the cursor is read anew each time, since it comes after what was typed. */
const mostSuffixTokens = 512;
/** Texts are cut to so many characters a token before they are tokenised, which takes long for large files. */
const longestToken = 8;

/** Writes what belongs at the cursor, up to the end of its scope. Throws MODEL_FAILED for a model that cannot. */
export async function infill(
  model: ChatModel,
  asked: HostInfill,
  signal: AbortSignal,
  send: (reply: HostReply) => void,
): Promise<void> {
  const maxTokens = Math.min(asked.maxTokens, Math.floor(model.info.contextSize * writtenShare));
  const request = { ...asked, maxTokens };
  const prompt = infillPrompt(model, request);
  const sampler = new TokenSampler(model, request.sampler);
  const writer = new InfillWriter(model.vocabulary, request, (text) => {
    if (text !== "") send({ type: "text", request: request.request, text });
  });
  const began = performance.now();
  try {
    const outcome = await model.loop.run({
      priority: request.priority,
      signal,
      prompt,
      stable: 0,
      conversation: request.path,
      sampler: () => sampler.bound(undefined),
      samplesAreIndependent: sampler.isStateless,
      drafter: model.loop.canDraft ? model.drafter() : undefined,
      onPrefill: throttled(request.request, send),
      take: (token) => writer.take(token),
    });
    if (!outcome.aborted) writer.end();
    const seconds = (performance.now() - began) / 1000;
    send({
      type: "end",
      request: request.request,
      reason: outcome.aborted ? "abort" : writer.reason,
      promptTokens: prompt.length,
      reusedTokens: outcome.reused,
      outputTokens: writer.count,
      tokensPerSecond: seconds > 0 ? writer.count / seconds : 0,
      drafted: outcome.drafted,
      accepted: outcome.accepted,
    });
  } finally {
    sampler.dispose();
  }
}

/** Shows text up to the end of the cursor's scope. */
class InfillWriter {
  reason: "stop" | "length" = "stop";
  count = 0;
  readonly #vocabulary: Vocabulary;
  readonly #most: number;
  readonly #show: (text: string) => void;
  readonly #decoder: TokenDecoder;
  readonly #scope: ScopeEnd;

  constructor(vocabulary: Vocabulary, { prefix, suffix, maxTokens }: HostInfill, show: (text: string) => void) {
    this.#vocabulary = vocabulary;
    this.#most = maxTokens;
    this.#show = show;
    this.#decoder = new TokenDecoder(vocabulary);
    this.#scope = new ScopeEnd(prefix, suffix);
  }

  take(token: Token): Step {
    if (this.#vocabulary.isEnd(token)) return "stop";
    this.count++;
    this.#show(this.#scope.push(this.#decoder.push(token)));
    if (this.#scope.ended) return "stop";
    if (this.count < this.#most) return { forced: [] };
    this.reason = "length";
    return "stop";
  }

  end(): void {
    this.#show(this.#scope.push(this.#decoder.flush()) + this.#scope.end());
  }
}

/** Other files first, then the prefix, so that all in front of what was typed since the last time is known already. */
function infillPrompt({ vocabulary, info }: ChatModel, request: HostInfill): Token[] {
  const tokens = vocabulary.infill;
  if (tokens === undefined) throw cannot(info.name);
  const room = info.contextSize - request.maxTokens - 8;
  const prefix = prefixTokens(vocabulary, request.prefix, Math.floor(room * prefixShare));
  const suffixRoom = Math.min(mostSuffixTokens, Math.floor(room * suffixShare));
  const suffixText = request.suffix.slice(0, suffixRoom * longestToken);
  const suffix = vocabulary.tokenize(suffixText, false, true).slice(0, suffixRoom);
  const files = filesPrompt(vocabulary, request, room - prefix.length - suffix.length);
  const begin = vocabulary.prependsBos && vocabulary.bos !== undefined ? [vocabulary.bos] : [];
  return [...begin, ...files, tokens.prefix, ...prefix, tokens.suffix, ...suffix, tokens.middle];
}

/** The end of what stands before the cursor. */
function prefixTokens(vocabulary: Vocabulary, text: string, most: number): Token[] {
  const longest = most * longestToken;
  const dropped = droppedFront(text.length, longest);
  const lineEnd = dropped === 0 ? -1 : text.indexOf("\n", dropped);
  const tokens = vocabulary.tokenize(text.slice(Math.max(dropped, lineEnd + 1)), false, true);
  return tokens.slice(droppedFront(tokens.length, most));
}

/** Of so many, how many go at the front to leave at most `most`: in large steps, so that it stays one while more come. */
function droppedFront(length: number, most: number): number {
  const step = Math.max(1, Math.floor(most / 4));
  return Math.max(0, Math.ceil((length - most) / step)) * step;
}

/** The files that belong to this one, as many as there is room for, each whole. */
function filesPrompt(vocabulary: Vocabulary, { files, path }: HostInfill, room: number): Token[] {
  if (files.length === 0) return [];
  const separator = fileSeparator(vocabulary);
  const tokens: Token[] = [];
  const own = [...separator, ...vocabulary.tokenize(`${path ?? "unnamed"}\n`, false, true)];
  for (const file of files) {
    const next = [...separator, ...vocabulary.tokenize(`${file.path}\n${file.text}`, false, true)];
    if (tokens.length + next.length + own.length <= room) tokens.push(...next);
  }
  return tokens.length === 0 ? [] : [...tokens, ...own];
}

/** The model's own token between files, else an empty line. */
function fileSeparator(vocabulary: Vocabulary): Token[] {
  const own = fileSeparators.map((text) => vocabulary.tokenize(text, true)).find(({ length }) => length === 1);
  return own ?? vocabulary.tokenize("\n\n", false, true);
}

const cannot = (name: string): TrustError =>
  new TrustError("MODEL_FAILED", `${name} was not trained to write code at a cursor: it has no infill tokens`, {
    hint: "choose a code model with infill, such as a Qwen Coder, StarCoder or Codestral",
  });
