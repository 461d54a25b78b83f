import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { expect, test } from "vitest";

import type { HostConnection } from "../../../src/models/llama/host-connection.ts";
import { sharedHostStatus } from "../../../src/models/llama/shared-host.ts";
import { hostProtocolVersion, type HostStatus } from "../../../src/protocol/host.ts";
import { scriptedGguf, temporaryWorkspace } from "../../../src/testing/index.ts";
import { countingChunks, hostEntry, never } from "./llama-bench.ts";
import { sharedRig, type SharedRig, until } from "./shared-host-bench.ts";

/** The full number is run with TRUST_CLIENTS=64. */
const clients = Number(process.env["TRUST_CLIENTS"] ?? 8);
const requests = clients * 16;
/** What the first requests cost once: compiled code, buffers, the pages of each sequence. */
const warmUp = 100 + clients * 8;
const mostGrowth = 24e6;

/** As small as can be: what is looked at is the host, not llama.cpp. */
const shape = { layers: 1, width: 128, heads: 4, keyValueHeads: 4, feedForward: 128, type: "f16" } as const;
/** V8 takes tens of megabytes rather than collect garbage, among which no leak would show. */
const tightHeap = ["--max-old-space-size=72", "--max-semi-space-size=2"];
const question = [{ kind: "control" as const, text: "<|im_start|>assistant\n" }];

/** Numbers in 0..1, the same in every run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Clients that come, ask, cancel, and go in every way there is. */
function crowd(rig: SharedRig, path: string) {
  const random = pseudoRandom(7);
  let asked = 0;

  /** Cut off in the middle of a request, as a process that dies. */
  function die(): Promise<void> {
    const socket = connect(rig.shared.place.socket);
    socket.on("error", () => undefined);
    const load = JSON.stringify({ type: "load", request: 1, path, threads: 1 });
    socket.write(`{"type":"hello","protocol":${hostProtocolVersion}}\n${load}\n{"type":"gener`);
    return new Promise((resolve) => {
      socket.once("data", () => socket.destroy());
      socket.once("close", () => resolve());
    });
  }

  function body(model: number) {
    const times = random() < 0.2 ? 60 : 5;
    const text = { kind: "text" as const, text: `Question ${Math.floor(random() * 1e9)}. `.repeat(times) };
    return {
      type: "generate" as const,
      model,
      prompt: [text, ...question],
      forced: "",
      sampler: { temperature: 0 },
      stops: random() < 0.3 ? ["n9,"] : [],
      maxTokens: 30,
      priority: 1 + Math.floor(random() * 5),
      ...(random() < 0.3 && { grammar: { gbnf: "root ::= [^z]*", root: "root", triggers: [] } }),
    };
  }

  /** One request, to its end, cancelled, or left. */
  async function askOnce(connection: HostConnection, model: number): Promise<void> {
    asked++;
    const abort = new AbortController();
    const end = random();
    for await (const reply of connection.request(body(model), abort.signal)) {
      if (reply.type === "prefill" && end > 0.8) abort.abort();
      if (reply.type !== "text" || end > 0.6) continue;
      if (end < 0.3) return;
      abort.abort();
    }
  }

  async function live(): Promise<void> {
    const connection = await rig.open();
    const [loaded] = (await Array.fromAsync(connection.request({ type: "load", path, threads: 1 }, never()))).slice(-1);
    if (loaded?.type !== "loaded") throw new Error("the model was not loaded");
    connection.notify({ type: "busy", cores: random() });
    for (let left = 1 + Math.floor(random() * 4); left > 0; left--) await askOnce(connection, loaded.model.id);
    await connection.close();
  }

  return async (upTo: number): Promise<void> => {
    const one = async (): Promise<void> => {
      while (asked < upTo) await (random() < 0.2 ? die() : live());
    };
    await Promise.all(Array.from({ length: clients }, one));
  };
}

test(`${clients} clients that come, ask, cancel and die at random over ${requests} requests leave nothing in the host`, async () => {
  await using folder = await temporaryWorkspace();
  const path = join(folder.path, "counting.gguf");
  await scriptedGguf(path, { replies: { first: countingChunks(40) }, contextLength: 4096, shape });
  await using rig = await sharedRig({ args: [...tightHeap, ...hostEntry.args] });
  const watcher = await rig.open();
  const run = crowd(rig, path);
  const status = async (): Promise<HostStatus | undefined> => sharedHostStatus(rig.shared, never());
  const files = (): number => (process.platform === "linux" ? readdirSync(`/proc/${watcher.pid}/fd`).length : 0);
  /** The host's memory once all clients are gone. */
  const settled = async (): Promise<number> => {
    await until(async () => {
      const { clients: left = [], models = [] } = (await status()) ?? {};
      return left.length === 1 && models.every(({ busy }) => busy === 0);
    });
    return (await status())?.memory.rssBytes ?? 0;
  };
  await run(warmUp);
  const before = { rss: await settled(), files: files() };
  await run(warmUp + requests);
  expect((await settled()) - before.rss).toBeLessThan(mostGrowth);
  // The last connection, that of the status, may not be closed yet.
  await until(() => files() <= before.files);
  expect((await status())?.models).toMatchObject([{ path, busy: 0 }]);
  expect(rig.started()).toEqual([watcher.pid]);
}, 600_000);
