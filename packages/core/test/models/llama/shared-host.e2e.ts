import { join } from "node:path";

import { expect, test } from "vitest";

import { sharedHostStatus } from "../../../src/models/llama/shared-host.ts";
import { scriptedGguf, temporaryWorkspace } from "../../../src/testing/index.ts";
import { countingChunks, hostEntry, never } from "./llama-bench.ts";
import { sharedRig, until } from "./shared-host-bench.ts";

const clients = 64;
const requests = 1000;
/** What the first requests of a process cost once: compiled code, buffers, one slot for each sequence. */
const warmUp = 400;
const mostGrowth = 24e6;

test("64 clients that come, ask and die at random over 1,000 requests leave nothing in the host", async () => {
  await using folder = await temporaryWorkspace();
  const path = join(folder.path, "counting.gguf");
  await scriptedGguf(path, { replies: { first: countingChunks(40) }, contextLength: 4096 });
  await using rig = await sharedRig({ args: hostEntry.args });
  await rig.open();
  let asked = 0;
  const random = pseudoRandom(7);

  /** One life: some requests, each to its end, cancelled half-way, or cut off with the connection. */
  const live = async (): Promise<void> => {
    const connection = await rig.open();
    const [loaded] = (await Array.fromAsync(connection.request({ type: "load", path, threads: 1 }, never()))).slice(-1);
    if (loaded?.type !== "loaded") throw new Error("the model was not loaded");
    const sampler = { temperature: 0 };
    const more = { forced: "", sampler, stops: [], maxTokens: 20, priority: 1 + Math.floor(random() * 5) };
    for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
      asked++;
      const abort = new AbortController();
      const prompt = [{ kind: "text" as const, text: `Question ${Math.floor(random() * 1e9)}. `.repeat(5) }];
      const body = { type: "generate" as const, model: loaded.model.id, prompt, ...more };
      const end = random();
      for await (const reply of connection.request(body, abort.signal)) {
        if (reply.type !== "text" || end > 0.6) continue;
        if (end > 0.3) abort.abort();
        else break;
      }
      if (end < 0.15) break;
    }
    await connection.close();
  };

  const rss = async (): Promise<number> => (await sharedHostStatus(rig.shared, never()))?.memory.rssBytes ?? 0;
  const run = async (upTo: number): Promise<number> => {
    const one = async (): Promise<void> => {
      while (asked < upTo) await live();
    };
    await Promise.all(Array.from({ length: clients }, one));
    await until(async () => (await sharedHostStatus(rig.shared, never()))?.clients.length === 1);
    return rss();
  };
  const before = await run(warmUp);
  const after = await run(warmUp + requests);
  expect(after - before).toBeLessThan(mostGrowth);
  const status = await sharedHostStatus(rig.shared, never());
  expect(status?.models).toMatchObject([{ path, busy: 0 }]);
  expect(rig.started()).toHaveLength(1);
  process.stderr.write(`memory ${Math.round(before / 1e6)} MB before, ${Math.round(after / 1e6)} MB after\n`);
});

/** Numbers in 0..1, the same in every run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
