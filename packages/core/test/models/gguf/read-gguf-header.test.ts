import { mkdirSync, openSync, closeSync, ftruncateSync, writeSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readGgufHeader } from "../../../src/models/gguf/index.ts";
import { temporaryFolder } from "../../workspace/temporary-folder.ts";
import {
  ggufBytes,
  i32s,
  list,
  placed,
  text,
  texts,
  type TinyGguf,
  tinyGguf,
  tinyMetadata,
  typed,
  u32,
  u64,
  type Value,
  versionBytes,
} from "./tiny-gguf.ts";

const nano = fileURLToPath(new URL("../../../nano/nano.gguf", import.meta.url));

function write(bytes: Uint8Array): string {
  const file = join(temporaryFolder(), "model.gguf");
  writeFileSync(file, bytes);
  return file;
}

/** Why the file is refused, or "accepted". */
function verdict(bytes: Uint8Array): string {
  const read = readGgufHeader(write(bytes));
  if (read.ok) return "accepted";
  expect(read.error.code).toBe("MODEL_INVALID");
  expect(read.error.hint).toBeDefined();
  return read.error.message.replace(/^.* is not a usable model: /, "");
}

const withMetadata = (change: Readonly<Record<string, Value | undefined>>): string =>
  verdict(ggufBytes(tinyGguf({ metadata: tinyMetadata(change) })));
const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};
const bent = (change: Partial<TinyGguf>): string => verdict(ggufBytes(tinyGguf(change)));

describe("a good file", () => {
  test("is described without llama.cpp", () => {
    const read = readGgufHeader(write(ggufBytes(tinyGguf())));
    expect(read).toEqual({
      ok: true,
      value: {
        version: 3,
        architecture: "llama",
        name: "tiny",
        contextLength: 128,
        embeddingLength: 32,
        blockCount: 1,
        vocabularySize: 4,
        chatTemplate: "{{ messages[0].content }}",
        sizeBytes: ggufBytes(tinyGguf()).length,
        bosToken: undefined,
        eosToken: "<|end|>",
        specialTokens: ["<|end|>", "<tool_call>"],
        ranks: false,
      },
    });
  });

  test("may be of version 2", () => {
    expect(bent({ version: versionBytes(2) })).toBe("accepted");
  });

  test("is what the built-in model is", () => {
    const read = readGgufHeader(nano);
    expect(read).toMatchObject({ ok: true, value: { architecture: "llama", vocabularySize: 4096, blockCount: 6 } });
    expect(read.ok && read.value.specialTokens).toContain("<|im_end|>");
  });
});

describe("a file that is something else is named", () => {
  const filler = "x".repeat(64);
  test.each([
    ["a web page", `<!DOCTYPE html>${filler}`, "it is a web page; the download went wrong"],
    ["a zip archive", `PK\u0003\u0004${filler}`, "it is a zip archive"],
    ["safetensors", `\u0010\u0000\u0000\u0000\u0000\u0000\u0000\u0000{"a":1}${filler}`, "it is JSON or safetensors"],
    ["a Git LFS pointer", `version https://git-lfs.github.com/spec/v1\n${filler}`, "it is a Git LFS pointer"],
    ["a format older than GGUF", `lmgg${filler}`, "it is in a format older than GGUF"],
    ["text", `once upon a time ${filler}`, "it does not begin like a GGUF file"],
  ])("%s", (_, content, why) => {
    expect(verdict(Buffer.from(content, "latin1"))).toContain(why);
  });

  test("a Python pickle of any protocol", () => {
    for (const protocol of [2, 4, 5]) {
      expect(verdict(Buffer.from([0x80, protocol, ...Buffer.alloc(64)]))).toContain("it is a Python pickle");
    }
  });

  test("a folder, an empty file, a file of a few bytes", () => {
    const folder = join(temporaryFolder(), "model.gguf");
    mkdirSync(folder);
    expect(readGgufHeader(folder)).toMatchObject({ error: { code: "MODEL_INVALID" } });
    expect(verdict(Buffer.alloc(0))).toBe("it is empty");
    expect(verdict(Buffer.from("GGUF"))).toBe("it is too short to be a model");
  });

  test("a file that is not there is missing, not invalid", () => {
    const read = readGgufHeader(join(temporaryFolder(), "none.gguf"));
    expect(read).toMatchObject({ error: { code: "MODEL_MISSING" } });
  });
});

describe("the front of the file", () => {
  test("refuses big-endian files and other versions by name", () => {
    expect(bent({ version: Buffer.from([0, 0, 0, 3]) })).toContain("big-endian");
    expect(bent({ version: versionBytes(1) })).toContain("version 1 is not known");
    expect(bent({ version: versionBytes(0) })).toContain("version 0 is not known");
    expect(bent({ version: versionBytes(4) })).toContain("version 4 is not known");
  });

  test("refuses counts that cannot be", () => {
    expect(bent({ tensorCount: 2n ** 63n })).toContain("number of tensors is impossible");
    expect(bent({ tensorCount: 2n ** 40n })).toContain("it claims 1099511627776 tensors");
    expect(bent({ entryCount: 2n ** 40n })).toContain("metadata entries");
    expect(bent({ tensors: [] })).toBe("it holds no tensors");
  });
});

describe("metadata", () => {
  test.each<[string, Record<string, Value | undefined>, string]>([
    ["an unknown type", { odd: typed(13, Buffer.alloc(8)) }, "the unknown type 13"],
    ["a list of an unknown type", { odd: list(77, 1n, Buffer.alloc(8)) }, "the unknown type 77"],
    ["a list of lists", { odd: list(9, 1n, Buffer.alloc(8)) }, "an array of arrays"],
    ["a list longer than the file", { odd: list(0, 2n ** 40n, Buffer.alloc(8)) }, "more than the file holds"],
    [
      "a text longer than the file",
      { odd: typed(8, Buffer.from([0, 0, 0, 0, 1, 0, 0, 0])) },
      "claims 4294967296 bytes",
    ],
    ["no architecture", { "general.architecture": undefined }, "does not name its architecture"],
    ["an alignment of 24", { "general.alignment": u32(24) }, "its alignment 24 is not possible"],
    ["an alignment of 0", { "general.alignment": u32(0) }, "its alignment 0 is not possible"],
    ["an alignment of 128 KiB", { "general.alignment": u32(131_072) }, "its alignment 131072 is not possible"],
    ["a width of 0", { "llama.embedding_length": u32(0) }, "embedding_length is 0"],
    ["no width", { "llama.embedding_length": undefined }, "embedding_length is missing"],
    ["no layers", { "llama.block_count": u32(0) }, "block_count is 0"],
    ["more layers than llama.cpp allows", { "llama.block_count": u32(513) }, "it claims 513 layers"],
    ["a window of 0", { "llama.context_length": u32(0) }, "context_length is 0"],
    ["no heads", { "llama.attention.head_count": u32(0) }, "head_count is 0"],
    ["no key heads", { "llama.attention.head_count_kv": u32(0) }, "head_count_kv is 0"],
    ["heads that share keys unevenly", { "llama.attention.head_count_kv": u32(3) }, "head_count_kv is 3"],
    ["a width its heads cannot share", { "llama.embedding_length": u32(33) }, "cannot be divided among 4"],
    ["a negative epsilon", { "llama.attention.layer_norm_rms_epsilon": typed(6, float(-1)) }, "not a small number"],
    ["an epsilon of NaN", { "llama.attention.layer_norm_rms_epsilon": typed(6, float(Number.NaN)) }, "not a small"],
    ["text where a number belongs", { "llama.block_count": text("1") }, "block_count is not a whole number"],
    ["a number where text belongs", { "general.name": u32(1) }, "general.name is not text"],
    ["a number beyond counting", { "llama.context_length": u64(2n ** 60n) }, "not a whole number"],
    ["more experts in use than there are", { "llama.expert_used_count": u32(2) }, "expert_used_count is 2"],
    ["experts of which none is used", { "llama.expert_count": u32(8) }, "expert_used_count is 0"],
    [
      "more experts than llama.cpp allows",
      { "llama.expert_count": u32(1025), "llama.expert_used_count": u32(1) },
      "expert_count is 1025",
    ],
    ["groups of no experts", { "llama.expert_group_count": u32(1) }, "expert_group_count is 1"],
    ["more layers for guessing than layers", { "llama.nextn_predict_layers": u32(2) }, "nextn_predict_layers is 2"],
    ["an unheard-of scaling of positions", { "llama.rope.scaling.type": text("odd") }, 'scaling.type is "odd"'],
    [
      "positions of no parts",
      { "llama.rope.dimension_sections": i32s([0, 0, 0, 0]) },
      "dimension_sections is [0,0,0,0]",
    ],
    ["no tokenizer", { "tokenizer.ggml.model": text("none") }, "it has no tokenizer"],
    ["a tokenizer that needs bytes", { "tokenizer.ggml.model": text("llama") }, "no token for the byte <0x00>"],
    ["a later part of a split model", { "split.no": u32(1), "split.count": u32(3) }, "it is part 2 of 3"],
  ])("with %s is refused", (_, change, why) => {
    expect(withMetadata(change)).toContain(why);
  });

  test("that lets tensors begin at any byte is refused when they do", () => {
    const metadata = tinyMetadata({ "general.alignment": u32(1) });
    const [tensor = { name: "", dimensions: [], type: 0, offset: 0n }] = tinyGguf().tensors;
    expect(bent({ metadata, tensors: [{ ...tensor, offset: 1n }] })).toContain("is not aligned");
  });

  test("with a key twice is refused", () => {
    const metadata = [...tinyMetadata(), ["general.name", text("again")] as [string, Value]];
    expect(bent({ metadata })).toBe("its key general.name appears twice");
  });
});

describe("the vocabulary", () => {
  test.each<[string, Record<string, Value | undefined>, string]>([
    ["is missing", { "tokenizer.ggml.tokens": undefined }, "it has no vocabulary"],
    ["is empty", { "tokenizer.ggml.tokens": texts([]) }, "its vocabulary is empty"],
    ["is a list of numbers", { "tokenizer.ggml.tokens": i32s([1, 2, 3, 4]) }, "not a list of the right type"],
    ["has a token twice", { "tokenizer.ggml.tokens": texts(["a", "b", "a", "c"]) }, 'holds "a" twice'],
    ["has two that C sees as one", { "tokenizer.ggml.tokens": texts(["a", "a\0b", "c", "d"]) }, 'holds "a" twice'],
    ["has too few types", { "tokenizer.ggml.token_type": i32s([1]) }, "4 tokens but 1 token types"],
    ["has narrow types", { "tokenizer.ggml.token_type": list(1, 4n, Buffer.alloc(4)) }, "not a list of the right"],
    ["has too few scores", { "tokenizer.ggml.scores": list(6, 1n, Buffer.alloc(4)) }, "4 tokens but 1 token scores"],
    ["ends with a token it lacks", { "tokenizer.ggml.eos_token_id": u32(4) }, "eos_token_id 4 is not in"],
    ["begins with a token it lacks", { "tokenizer.ggml.bos_token_id": u32(900) }, "bos_token_id 900 is not in"],
    ["pads with a token it lacks", { "tokenizer.ggml.padding_token_id": u32(5) }, "padding_token_id 5 is not in"],
  ])("that %s is refused", (_, change, why) => {
    expect(withMetadata(change)).toContain(why);
  });

  test("may leave tokens unnamed and use none for an id", () => {
    const tokens = texts(["", "", "<|end|>", "b"]);
    expect(withMetadata({ "tokenizer.ggml.tokens": tokens })).toBe("accepted");
    expect(withMetadata({ "tokenizer.ggml.bos_token_id": u32(0xffff_ffff) })).toBe("accepted");
  });
});

describe("tensors", () => {
  const [embedding, norm] = tinyGguf().tensors;
  if (embedding === undefined || norm === undefined) throw new Error("the tiny file has two tensors");
  test.each<[string, Partial<typeof norm>, string]>([
    ["no dimensions", { dimensions: [] }, "has 0 dimensions"],
    ["five dimensions", { dimensions: [1n, 1n, 1n, 1n, 1n] }, "has 5 dimensions"],
    ["a dimension of 0", { dimensions: [32n, 0n] }, "has a dimension of 0"],
    ["a size that overflows", { dimensions: [2n ** 32n, 2n ** 32n] }, "overflows"],
    ["an unknown type", { type: 4 }, "has the unknown type 4"],
    ["rows that do not fill blocks", { name: "output.weight", type: 8, dimensions: [33n] }, "do not fill its blocks"],
    ["a place between alignments", { offset: 520n }, "is not aligned"],
    ["the place of another", { offset: 0n }, "lies over another"],
    ["a type that normalisation cannot compute with", { type: 1 }, "cannot have the type 1"],
    ["whole numbers", { name: "output.weight", type: 26 }, "cannot have the type 26"],
    ["a type that is never stored", { name: "output.weight", type: 9 }, "the unknown type 9"],
    ["a place beyond the file", { offset: 2n ** 40n }, "it is truncated"],
    ["no name", { name: "" }, "without a proper name"],
    ["the name of another", { name: embedding.name }, "appears twice"],
  ])("with %s are refused", (_, change, why) => {
    expect(bent({ tensors: [embedding, { ...norm, ...change }] })).toContain(why);
  });

  test("that were cut off say how many bytes are missing", () => {
    expect(bent({ dataBytes: 640 - 100 })).toMatch(/^it is truncated: 100 of its \d+ bytes are missing$/);
  });

  test("of the newest quantisations are known", () => {
    expect(bent(placed([embedding, norm, { name: "output.weight", type: 41, dimensions: [128n] }]))).toBe("accepted");
  });
});

describe("what the metadata says of the layers", () => {
  const layered = (change: Readonly<Record<string, Value | undefined>>, shapes: Record<string, bigint[]> = {}) => {
    const all: Record<string, bigint[]> = {
      "token_embd.weight": [32n, 4n],
      "blk.0.attn_q.weight": [32n, 32n],
      "blk.0.ffn_gate.weight": [32n, 64n],
      "blk.0.ffn_up.weight": [32n, 64n],
      "blk.0.ffn_down.weight": [64n, 32n],
      ...shapes,
    };
    const tensors = Object.entries(all).map(([name, dimensions]) => ({ name, dimensions, type: 0 }));
    const metadata = tinyMetadata({ "llama.feed_forward_length": u32(64), ...change });
    return bent({ metadata, ...placed(tensors) });
  };

  test.each<[string, Record<string, Value | undefined>, string]>([
    ["an inner width of 0", { "llama.feed_forward_length": u32(0) }, "feed_forward_length is 0"],
    ["an inner width of 1", { "llama.feed_forward_length": u32(1) }, "ffn_gate.weight is 32 × 64"],
    ["an inner width of 7", { "llama.feed_forward_length": u32(7) }, "ffn_gate.weight is 32 × 64"],
    ["another width", { "llama.embedding_length": u32(64) }, "token_embd.weight is 32 × 4"],
    [
      "another width of heads",
      { "llama.attention.key_length": u32(16), "llama.attention.value_length": u32(16) },
      "attn_q.weight is 32 × 32",
    ],
    ["an odd number of rotated dimensions", { "llama.rope.dimension_count": u32(7) }, "dimension_count is 7"],
    ["heads that rotate in part", { "llama.rope.dimension_count": u32(4) }, "rotates 4 dimensions"],
    ["keys narrower than values", { "llama.attention.value_length": u32(16) }, "keys of 8 and values of 16"],
    ["more rotated dimensions than a head has", { "llama.rope.dimension_count": u32(10) }, "rotates 10 dimensions"],
    ["more layers than there are", { "llama.block_count": u32(2) }, "claims 2 layers, but holds 1"],
  ])("with %s is refused", (_, change, why) => {
    expect(layered(change)).toContain(why);
  });

  test("may agree, be absent, or be one value a layer", () => {
    expect(layered({})).toBe("accepted");
    expect(layered({ "llama.rope.dimension_count": u32(8) })).toBe("accepted");
    expect(layered({ "llama.feed_forward_length": undefined })).toBe("accepted");
    expect(layered({ "llama.feed_forward_length": i32s([64]) })).toBe("accepted");
    expect(layered({ "llama.block_count": u32(9), "split.no": u32(0), "split.count": u32(3) })).toBe("accepted");
  });

  test("is not judged for an architecture that shapes its tensors otherwise", () => {
    const arctic = {
      "general.architecture": text("arctic"),
      "arctic.context_length": u32(128),
      "arctic.embedding_length": u32(32),
      "arctic.block_count": u32(1),
      "arctic.feed_forward_length": u32(48),
    };
    expect(layered(arctic, { "blk.0.ffn_gate.weight": [32n, 32n] })).toBe("accepted");
  });

  test("may be an inner width of 0 where no layer has any", () => {
    expect(withMetadata({ "llama.feed_forward_length": u32(0) })).toBe("accepted");
  });
});

describe("whatever the bytes", () => {
  const good = ggufBytes(tinyGguf());
  const folder = (): string => temporaryFolder();

  test("a file cut at any byte is refused", () => {
    const file = join(folder(), "cut.gguf");
    for (let length = 0; length < good.length; length++) {
      writeFileSync(file, good.subarray(0, length));
      expect(readGgufHeader(file).ok, `cut at ${length}`).toBe(false);
    }
  });

  test("changed bytes are accepted or refused with a reason, and never throw", () => {
    const file = join(folder(), "mutant.gguf");
    const header = good.length - 640;
    const place = fc.nat({ max: header - 1 });
    const change = fc.oneof(
      fc.record({ at: place, bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
      fc.record({ at: place, bytes: fc.constantFrom(new Uint8Array(8), new Uint8Array(8).fill(255)) }),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const mutant = Buffer.from(good);
        for (const { at, bytes } of changes) mutant.set(bytes.subarray(0, mutant.length - at), at);
        writeFileSync(file, mutant);
        const read = readGgufHeader(file);
        if (!read.ok) expect(read.error.code).toBe("MODEL_INVALID");
      }),
      { numRuns: 2000 },
    );
  });

  test("removed and inserted bytes are accepted or refused with a reason", () => {
    const file = join(folder(), "mutant.gguf");
    fc.assert(
      fc.property(
        fc.nat({ max: good.length }),
        fc.nat({ max: 16 }),
        fc.uint8Array({ maxLength: 16 }),
        (at, cut, more) => {
          writeFileSync(file, Buffer.concat([good.subarray(0, at), more, good.subarray(at + cut)]));
          const read = readGgufHeader(file);
          if (!read.ok) expect(read.error.code).toBe("MODEL_INVALID");
        },
      ),
      { numRuns: 500 },
    );
  });

  test("a text of gigabytes is refused before memory is given for it", () => {
    const file = join(folder(), "sparse.gguf");
    const long = Buffer.alloc(8);
    long.writeBigUInt64LE(3n * 2n ** 30n);
    const bytes = ggufBytes(tinyGguf({ metadata: [["long", typed(8, long)]], tensors: [], dataBytes: 0 }));
    const handle = openSync(file, "w");
    writeSync(handle, bytes);
    ftruncateSync(handle, 4 * 2 ** 30);
    closeSync(handle);
    const before = process.memoryUsage().rss;
    expect(readGgufHeader(file)).toMatchObject({ error: { message: expect.stringContaining("MiB of text") } });
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 2 ** 20);
  });
});
