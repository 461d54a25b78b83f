import { type FileHandle, open } from "node:fs/promises";

/** What `llama-perplexity --kl-divergence-base` writes: the probabilities of every token at each place that it judged. */
export interface LogitsFile extends AsyncDisposable {
  readonly places: number;
  /** The place's probabilities, in a buffer that the next call fills anew. Undefined when the file ends before. */
  read(place: number): Promise<Place | undefined>;
}

/** The logarithm of a token's probability is `least + scale * steps[token]`. */
export interface Place {
  scale: number;
  least: number;
  steps: Uint16Array;
  /** The token that the text has here. */
  token: number;
}

const magic = "_logits_";
const headBytes = 20;
/** Before the steps of a place: two floats. */
const placeHeadBytes = 8;

/** Undefined when the file breaks off before its first place, as it does for a text that is too short. */
export async function openLogits(path: string): Promise<LogitsFile | undefined> {
  const file = await open(path, "r");
  try {
    const head = await bytesAt(file, 0, headBytes);
    if (head?.toString("latin1", 0, magic.length) !== magic) return await closed(file);
    const [pieceTokens, vocabularySize, pieces] = [8, 12, 16].map((offset) => head.readInt32LE(offset));
    const shape = { pieceTokens: pieceTokens ?? 0, vocabularySize: vocabularySize ?? 0, pieces: pieces ?? 0 };
    const tokens = await bytesAt(file, headBytes, shape.pieces * shape.pieceTokens * 4);
    return tokens === undefined ? await closed(file) : placesOf(file, shape, tokens);
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Shape {
  pieceTokens: number;
  vocabularySize: number;
  pieces: number;
}

function placesOf(file: FileHandle, { pieceTokens, vocabularySize, pieces }: Shape, tokens: Buffer): LogitsFile {
  const first = Math.floor(pieceTokens / 2);
  const judged = pieceTokens - 1 - first;
  const placeBytes = placeHeadBytes + 2 * 2 * Math.floor((vocabularySize + 1) / 2);
  const start = headBytes + tokens.length;
  return {
    places: judged * pieces,
    async read(place) {
      const bytes = await bytesAt(file, start + place * placeBytes, placeBytes);
      if (bytes === undefined) return undefined;
      const next = Math.floor(place / judged) * pieceTokens + first + (place % judged) + 1;
      return {
        scale: bytes.readFloatLE(0),
        least: bytes.readFloatLE(4),
        steps: new Uint16Array(bytes.buffer, bytes.byteOffset + placeHeadBytes, vocabularySize),
        token: tokens.readInt32LE(next * 4),
      };
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function closed(file: FileHandle): Promise<undefined> {
  await file.close();
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return bytesRead === length ? buffer : undefined;
}
