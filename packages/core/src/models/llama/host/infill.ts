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
/** Of the window, at most this share is code around the cursor: half before it, a quarter behind it. */
const prefixShare = 0.5;
const suffixShare = 0.25;

/** Writes what belongs at the cursor, up to the end of its scope. Throws MODEL_FAILED for a model that cannot. */
export async function infill(
  model: ChatModel,
  request: HostInfill,
  signal: AbortSignal,
  send: (reply: HostReply) => void,
): Promise<void> {
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

/** Other files first and the prefix last of all, so that what was typed since the last time is all that is new. */
export function infillPrompt({ vocabulary, info }: ChatModel, request: HostInfill): Token[] {
  const tokens = vocabulary.infill;
  if (tokens === undefined) throw cannot(info.name);
  const room = info.contextSize - request.maxTokens - 8;
  const prefix = keepEnd(vocabulary.tokenize(request.prefix, false, true), Math.floor(room * prefixShare));
  const suffix = vocabulary.tokenize(request.suffix, false, true).slice(0, Math.floor(room * suffixShare));
  const files = filesPrompt(vocabulary, request, room - prefix.length - suffix.length);
  const begin = vocabulary.prependsBos && vocabulary.bos !== undefined ? [vocabulary.bos] : [];
  return [...begin, ...files, tokens.prefix, ...prefix, tokens.suffix, ...suffix, tokens.middle];
}

/** The files that belong to this one, as many as there is room for, each whole. */
function filesPrompt(vocabulary: Vocabulary, { files, path }: HostInfill, room: number): Token[] {
  const separator = fileSeparators
    .map((text) => vocabulary.tokenize(text, true))
    .find(({ length }) => length === 1)?.[0];
  if (separator === undefined || files.length === 0) return [];
  const tokens: Token[] = [];
  const own = [separator, ...vocabulary.tokenize(`${path ?? "unnamed"}\n`, false, true)];
  for (const file of files) {
    const next = [separator, ...vocabulary.tokenize(`${file.path}\n${file.text}`, false, true)];
    if (tokens.length + next.length + own.length <= room) tokens.push(...next);
  }
  return [...tokens, ...own];
}

const keepEnd = (tokens: Token[], most: number): Token[] => tokens.slice(Math.max(0, tokens.length - most));

const cannot = (name: string): TrustError =>
  new TrustError("MODEL_FAILED", `${name} was not trained to write code at a cursor: it has no infill tokens`, {
    hint: "choose a code model with infill, such as a Qwen Coder, StarCoder or Codestral",
  });
