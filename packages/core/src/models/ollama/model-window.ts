import type { ShownModel } from "./wire.ts";

/** Large enough for real work; the cache for it is taken from memory as soon as the model is loaded. */
const usualWindow = 16_384;
const smallestUsualWindow = 4096;
/** A window's cache may take this share of the machine's memory, when nobody chose the window. */
const memoryShare = 0.25;
const bytesPerValue = 2;

export interface WindowWish {
  /** What the person set. */
  chosen: number | undefined;
  memoryBytes: number;
}

/**
 * The window to ask for, in tokens: what the person set, else what the model's own file sets, else a usual one that
 * the memory can hold; never more than the model was trained for.
 */
export function windowFor(shown: ShownModel, { chosen, memoryBytes }: WindowWish): number {
  const trained = trainedWindow(shown) ?? Number.POSITIVE_INFINITY;
  return Math.min(trained, chosen ?? fileWindow(shown) ?? affordableWindow(shown, memoryBytes));
}

/** How long texts the model was trained for; undefined when its server does not know. */
export function trainedWindow(shown: ShownModel): number | undefined {
  return numberOf(shown, "context_length");
}

function fileWindow({ parameters }: ShownModel): number | undefined {
  const found = /^num_ctx\s+(\d{1,9})$/m.exec(parameters ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}

function affordableWindow(shown: ShownModel, memoryBytes: number): number {
  const bytesPerToken = cacheBytesPerToken(shown);
  let size = usualWindow;
  while (size > smallestUsualWindow && size * bytesPerToken > memoryBytes * memoryShare) size /= 2;
  return size;
}

/** Keys and values of every layer, at half precision; 0 when the shape is not known. */
function cacheBytesPerToken(shown: ShownModel): number {
  const blocks = numberOf(shown, "block_count") ?? 0;
  const width = numberOf(shown, "embedding_length") ?? 0;
  const heads = numberOf(shown, "attention.head_count") ?? 1;
  const keyValueHeads = numberOf(shown, "attention.head_count_kv") ?? heads;
  const keyLength = numberOf(shown, "attention.key_length") ?? width / heads;
  return 2 * blocks * keyValueHeads * keyLength * bytesPerValue;
}

function numberOf({ model_info }: ShownModel, key: string): number | undefined {
  const architecture = model_info?.["general.architecture"];
  const value = typeof architecture === "string" ? model_info?.[`${architecture}.${key}`] : undefined;
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
