import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

import type { ModelIdentity } from "../../ports/capability.ts";
import { readGgufHeader } from "../gguf/index.ts";
import { textDigest } from "./text-digest.ts";

const sampleBytes = 1 << 20;
const samples = 8;

/**
 * The identity of a model file for a backend, such as `llama.cpp 3.21.1`. The weights are known by their size and by
 * eight pieces of them: gigabytes need not be read to tell models apart. Throws MODEL_INVALID for what is no model.
 */
export async function fileIdentity(path: string, backend: string): Promise<ModelIdentity> {
  const header = readGgufHeader(path);
  if (!header.ok) throw header.error;
  return { weights: await sampledDigest(path), template: textDigest(header.value.chatTemplate ?? ""), backend };
}

async function sampledDigest(path: string): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const hash = createHash("sha256").update(`${size}\n`);
  const buffer = Buffer.alloc(Math.min(size, sampleBytes));
  const last = size - buffer.length;
  for (let index = 0; index < samples; index++) {
    const position = Math.floor((last * index) / (samples - 1));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    hash.update(buffer.subarray(0, bytesRead));
  }
  return `sampled-sha256:${hash.digest("hex")}`;
}
