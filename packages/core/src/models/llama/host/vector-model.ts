import { TrustError } from "../../../protocol/errors.ts";
import type { AddonContext, Token } from "./addon.ts";
import type { VectorModel } from "./model-pool.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface VectorParts {
  info: VectorModel["info"];
  memory: VectorModel["memory"];
  vocabulary: Vocabulary;
  context: AddonContext;
  /** Whether texts end with the end token. */
  appendsEnd: boolean;
  threads(): number;
  free(): Promise<void>;
}

/** Embeds and scores texts, one after another, in a context of its own. */
export function createVectorModel(parts: VectorParts): VectorModel {
  const { context, info, vocabulary } = parts;
  let queue: Promise<unknown> = Promise.resolve();
  let busy = 0;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    busy++;
    const result = queue.then(work).finally(() => busy--);
    queue = result.catch(() => undefined);
    return result;
  };
  const evaluate = async (tokens: readonly Token[]): Promise<number[]> => {
    if (tokens.length > info.contextSize) throw tooLong(tokens.length, info.contextSize);
    context.disposeSequence(0);
    context.setThreads(parts.threads());
    context.initBatch(tokens.length);
    context.addToBatch(0, 0, Uint32Array.from(tokens), Uint32Array.of(tokens.length - 1));
    await context.decodeBatch();
    return [...context.getEmbedding(tokens.length)];
  };
  const each = async (inputs: readonly (readonly Token[])[], signal: AbortSignal): Promise<number[][]> => {
    const vectors: number[][] = [];
    for (const tokens of inputs) {
      signal.throwIfAborted();
      vectors.push(await evaluate(tokens));
    }
    return vectors;
  };
  return {
    info,
    memory: parts.memory,
    get busy() {
      return busy;
    },
    embed: (texts, signal) =>
      inTurn(() =>
        each(
          texts.map((text) => embeddingInput(parts, text)),
          signal,
        ).then(unitLength),
      ),
    rank: (query, documents, signal) =>
      inTurn(async () => {
        const inputs = documents.map((document) => rankingInput(vocabulary, query, document));
        return (await each(inputs, signal)).map(([score = 0]) => 1 / (1 + Math.exp(-score)));
      }),
    async close() {
      await queue;
      await context.dispose();
      await parts.free();
    },
  };
}

function embeddingInput({ vocabulary, appendsEnd }: VectorParts, text: string): Token[] {
  const tokens = vocabulary.tokenize(text, false);
  if (vocabulary.bos !== undefined && tokens[0] !== vocabulary.bos && vocabulary.prependsBos)
    tokens.unshift(vocabulary.bos);
  if (appendsEnd && vocabulary.eos !== undefined && tokens.at(-1) !== vocabulary.eos) tokens.push(vocabulary.eos);
  if (tokens.length === 0) throw new TrustError("INPUT_INVALID", "an empty text has no embedding");
  return tokens;
}

/** As llama-server lays it out: begin, query, end, separator, document, end. */
function rankingInput(vocabulary: Vocabulary, query: string, document: string): Token[] {
  const { bos, eos, separator } = vocabulary;
  const maybe = (token: Token | undefined): Token[] => (token === undefined ? [] : [token]);
  const texts = [vocabulary.tokenize(query, false), vocabulary.tokenize(document, false, true)] as const;
  return [...maybe(bos), ...texts[0], ...maybe(eos), ...maybe(separator), ...texts[1], ...maybe(eos)];
}

/** Vectors of length 1, so that their dot product is the cosine. */
function unitLength(vectors: readonly number[][]): number[][] {
  return vectors.map((vector) => {
    const length = Math.hypot(...vector);
    return length === 0 ? vector : vector.map((value) => value / length);
  });
}

const tooLong = (tokens: number, most: number): TrustError =>
  new TrustError("CONTEXT_FULL", `the text has ${tokens} tokens, but this model reads at most ${most} at once`, {
    hint: "split the text into smaller pieces",
  });
