import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";

import { readModelFacts } from "../../../src/models/gguf/index.ts";
import { HostConnection } from "../../../src/models/llama/host-connection.ts";
import { TrustError } from "../../../src/protocol/errors.ts";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { hostEntry, never } from "../llama/llama-bench.ts";
import { assemble, type Dissected, dissect, type Mutant } from "./dissect.ts";
import { frontMutants, identityMutants, metadataMutants, truncated, unreadableTokens } from "./mutants.ts";
import { relaidMutants, tensorMutants } from "./tensor-mutants.ts";

let folder: TemporaryWorkspace;
let bytes: Buffer;
let good: Dissected;
let mutants: Mutant[];
let file: string;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  file = join(folder.path, "mutant.gguf");
  const shape = { layers: 1, width: 64, heads: 4, keyValueHeads: 2, feedForward: 64, type: "f16" } as const;
  await scriptedGguf(file, { replies: { first: ["Hello ", "there."] }, contextLength: 256, shape });
  bytes = readFileSync(file);
  good = dissect(bytes);
  mutants = [
    unreadableTokens(good),
    ...frontMutants(good),
    ...identityMutants(good),
    ...metadataMutants(good),
    ...tensorMutants(good),
    ...relaidMutants(good),
    ...truncated(bytes, good),
  ];
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Why our reader refuses the file; undefined when it takes it. Fails when it throws or gives another reason. */
function refusal(mutant: Buffer): string | undefined {
  writeFileSync(file, mutant);
  const read = readModelFacts(file);
  if (read.ok) return undefined;
  expect(read.error.code).toBe("MODEL_INVALID");
  return read.error.message;
}

test("taking the file apart loses nothing", () => {
  expect(assemble(good).equals(bytes)).toBe(true);
  expect(refusal(bytes)).toBeUndefined();
});

test("every mutant is refused in words or taken, and none makes the reader throw", () => {
  for (const { name, bytes: mutant } of mutants) {
    const why = refusal(mutant);
    if (why !== undefined) expect(why, name).toMatch(/is not a usable model: \w/);
  }
});

test("what is cut off is refused wherever it ends", () => {
  for (const { name, bytes: mutant } of truncated(bytes, good)) expect(refusal(mutant), name).toBeDefined();
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 33 }), (end) => {
      expect(refusal(bytes.subarray(0, end))).toBeDefined();
    }),
    { seed: 6, numRuns: 200 },
  );
});

/** Bytes of the header that are changed, rather near the beginnings of its entries than in the texts of its tokens. */
const change = () => {
  const places = good.boundaries.filter((at) => at < good.headerBytes);
  return fc.record({
    place: fc.constantFrom(...places),
    after: fc.nat({ max: 40 }),
    value: fc.oneof(fc.constantFrom(0, 255), fc.nat({ max: 255 })),
  });
};
type Change = { place: number; after: number; value: number };

function withChanges(changes: readonly Change[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const { place, after, value } of changes) copy[Math.min(place + after, good.headerBytes - 1)] = value;
  return copy;
}

test("random bytes in the header are refused in words or taken", () => {
  fc.assert(
    fc.property(fc.array(change(), { minLength: 1, maxLength: 4 }), (changes) => {
      refusal(withChanges(changes));
    }),
    { seed: 7, numRuns: 1000 },
  );
});

/** Loads the file and has it write; gives the code of the error. */
async function tried(host: HostConnection, mutant: Buffer): Promise<string> {
  writeFileSync(file, mutant);
  try {
    let model = 0;
    for await (const reply of host.request({ type: "load", path: file, threads: 1 }, never())) {
      if (reply.type === "loaded") model = reply.model.id;
    }
    const prompt = [{ kind: "text" as const, text: "Hi you" }];
    const how = { priority: 5, forced: "", sampler: { temperature: 0 }, stops: [], maxTokens: 2 };
    for await (const reply of host.request({ type: "generate", model, prompt, ...how }, never())) void reply;
    return "written";
  } catch (error) {
    if (error instanceof TrustError) return error.code;
    throw error;
  } finally {
    for await (const reply of host.request({ type: "unload", path: file }, never())) void reply;
  }
}

/** llama.cpp ended the process on these, before the reader refused them. */
const onceDeadly =
  /no UTF-8|alignment: 1$|expert_.*: [13]$|scaling\.type: (no )?text|nextn_.*: 3|context_length: [13]$|tokenizer (llama|none)|norm\.weight with type (1|30),|output\.weight with type (9|27),|embd\.weight with type 26|smallthinker|paddleocr/;

test("a host refuses mutants or answers with them, and lives", async () => {
  const host = await HostConnection.open(hostEntry);
  try {
    const sample = mutants.filter(({ name }, index) => index % 12 === 0 || onceDeadly.test(name));
    expect(sample.filter(({ name }) => onceDeadly.test(name)).length).toBeGreaterThan(25);
    for (const { name, bytes: mutant } of sample) {
      const end = await tried(host, mutant);
      expect(host.crashed, name).toBeUndefined();
      expect(["written", "MODEL_INVALID", "MODEL_FAILED", "CONTEXT_FULL"], name).toContain(end);
    }
    const random = fc.sample(fc.array(change(), { minLength: 1, maxLength: 3 }), { seed: 8, numRuns: 150 });
    for (const changes of random) {
      await tried(host, withChanges(changes));
      expect(host.crashed, JSON.stringify(changes)).toBeUndefined();
    }
    expect(await tried(host, bytes)).toBe("written");
  } finally {
    await host.close();
  }
});
