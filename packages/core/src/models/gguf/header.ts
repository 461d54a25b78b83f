import { closeSync, openSync, statSync } from "node:fs";

import { failure, ok, type Result, TrustError } from "../../protocol/errors.ts";
import { BoundedReader, BrokenGguf } from "./bounded-reader.ts";
import { describeForeignFile } from "./foreign-file.ts";
import { checkHyperparameters } from "./hyperparameters.ts";
import { Metadata } from "./metadata.ts";
import { checkShapes } from "./shapes.ts";
import { checkTensors, type GgufTensors } from "./tensors.ts";
import { readValue } from "./values.ts";

/** What we need to know of a model before llama.cpp sees it. Sizes in bytes, lengths in tokens. */
export interface GgufHeader {
  version: number;
  architecture: string;
  name: string | undefined;
  contextLength: number;
  embeddingLength: number;
  blockCount: number;
  vocabularySize: number;
  chatTemplate: string | undefined;
  sizeBytes: number;
  /** Texts of the vocabulary's control and user-defined tokens. */
  specialTokens: string[];
  /** What begins a text and what ends a reply, where the model has such tokens. */
  bosToken: string | undefined;
  eosToken: string | undefined;
  /** It has a head that scores texts. */
  ranks: boolean;
}

const magic = "GGUF";
const mostEntries = 65_536;
const mostTensors = 65_536;
const largestAlignment = 65_536;
/** LLAMA_MAX_LAYERS of llama.cpp, which asserts it. */
const mostBlocks = 512;

/**
 * Reads and checks the header of a GGUF file (format: ggml/docs/gguf.md), versions 2 and 3. llama.cpp aborts
 * the process on some broken files, so everything it would trust is checked here first, in bounded memory.
 */
export function readGgufHeader(path: string): Result<GgufHeader> {
  return readGguf(path, (reader) => summarise(readParts(reader)));
}

/** Runs `read` on the file; what it says that cannot be true becomes MODEL_INVALID. */
export function readGguf<T>(path: string, read: (reader: BoundedReader) => T): Result<T> {
  let file: number | undefined;
  try {
    const found = statSync(path);
    if (!found.isFile()) return failure(invalid(path, "it is not a regular file"));
    file = openSync(path, "r");
    return ok(read(new BoundedReader(file, found.size)));
  } catch (error) {
    if (error instanceof BrokenGguf) return failure(invalid(path, error.message));
    if (error instanceof TrustError) return failure(error);
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return failure(missing(path));
    if (errno === undefined) throw error;
    return failure(invalid(path, `it cannot be read (${code ?? errno})`));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What a file says, with its tensors inside it; whether the two agree `summarise` checks. */
export interface GgufParts {
  version: number;
  metadata: Metadata;
  tensors: GgufTensors;
  sizeBytes: number;
}

export function readParts(reader: BoundedReader): GgufParts {
  const version = readVersion(reader);
  const tensorCount = bounded(reader.size64("number of tensors"), mostTensors, "tensors");
  const entryCount = bounded(reader.size64("number of metadata entries"), mostEntries, "metadata entries");
  const metadata = new Metadata();
  for (let index = 0; index < entryCount; index++) {
    const key = reader.string("metadata key");
    metadata.add(key, readValue(reader, key));
  }
  const tensors = checkTensors(reader, tensorCount, alignmentOf(metadata));
  return { version, metadata, tensors, sizeBytes: reader.size };
}

function readVersion(reader: BoundedReader): number {
  if (reader.size < 24) throw new BrokenGguf(reader.size === 0 ? "it is empty" : "it is too short to be a model");
  const start = reader.bytes(8);
  if (start.toString("latin1", 0, 4) !== magic) throw foreign(start, reader);
  const version = start.readUInt32LE(4);
  if (version === 2 || version === 3) return version;
  const bigEndian = start.readUInt32BE(4);
  if (bigEndian > 0 && bigEndian <= 3) throw new BrokenGguf("it is a big-endian GGUF, which this machine cannot read");
  throw new BrokenGguf(`its GGUF version ${version} is not known; versions 2 and 3 are`);
}

function foreign(start: Buffer, reader: BoundedReader): BrokenGguf {
  return new BrokenGguf(describeForeignFile(Buffer.concat([start, reader.bytes(16)])));
}

function bounded(count: number, most: number, what: string): number {
  if (count > most) throw new BrokenGguf(`it claims ${count} ${what}`);
  return count;
}

function alignmentOf(metadata: Metadata): number {
  const alignment = metadata.integer("general.alignment") ?? 32;
  const powerOfTwo = alignment > 0 && (alignment & (alignment - 1)) === 0;
  if (!powerOfTwo || alignment > largestAlignment) throw new BrokenGguf(`its alignment ${alignment} is not possible`);
  return alignment;
}

export function summarise({ version, metadata, tensors, sizeBytes }: GgufParts): GgufHeader {
  metadata.checkSplit();
  const architecture = metadata.text("general.architecture");
  if (architecture === undefined || !/^[a-z0-9_.-]{1,64}$/i.test(architecture)) {
    throw new BrokenGguf("it does not name its architecture");
  }
  const positive = (key: string): number => metadata.positive(`${architecture}.${key}`);
  const embeddingLength = positive("embedding_length");
  metadata.checkHeads(architecture, embeddingLength);
  metadata.checkEpsilon(architecture);
  const blockCount = bounded(positive("block_count"), mostBlocks, "layers");
  checkHyperparameters(metadata, architecture, blockCount);
  const { size, ...tokens } = metadata.vocabulary();
  checkShapes(metadata, architecture, tensors);
  return {
    version,
    architecture,
    name: metadata.text("general.name"),
    contextLength: positive("context_length"),
    embeddingLength,
    blockCount,
    vocabularySize: size,
    chatTemplate: metadata.text("tokenizer.chat_template"),
    sizeBytes,
    ...tokens,
    ranks: tensors.has("cls.weight") || tensors.has("cls.output.weight"),
  };
}

function invalid(path: string, why: string): TrustError {
  return new TrustError("MODEL_INVALID", `${path} is not a usable model: ${why}`, {
    hint: "trust -m nano uses the built-in model; for this one fetch the GGUF file again",
  });
}

function missing(path: string): TrustError {
  return new TrustError("MODEL_MISSING", `there is no model at ${path}`, { hint: "trust -m nano" });
}
