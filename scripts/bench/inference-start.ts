import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import type { LlamaModel } from "@trust-cli/core/models";

import { alternate, type Benchmark, type Measurement, median } from "./benchmark.ts";
import { sharedHost } from "./inference-host.ts";
import { ask, benchModel, llamaServer, ours, rounds, signal, timeReply } from "./inference-rig.ts";

/** A pause at the end of a turn, as people make it. */
const quietMilliseconds = 6000;

/** About 3,000 tokens that no other text begins with. */
const longSystem = (number: number): string => `Rules ${number}. ${"lorem ipsum dolor sit amet, ".repeat(150)}`;

const states = (): Disposable & { directory: string } => {
  const directory = mkdtempSync(join(tmpdir(), "trust-bench-states-"));
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
};

/** First text after a long prompt that is new, one that is still in memory, and one that an earlier host kept on disk. */
const prefix: Benchmark = {
  name: "inference-prefix",
  async run() {
    const path = await benchModel();
    using kept = states();
    const open = (): LlamaModel => ours({ path, entry: { stateDirectory: kept.directory } });
    // The model was used before, so that its digest is known.
    {
      await using model = open();
      await timeReply(model, ask("warm up", 4));
      await sleep(quietMilliseconds);
    }
    const cold: number[] = [];
    const memory: number[] = [];
    const disk: number[] = [];
    let tokens = 0;
    for (let round = 0; round < rounds; round++) {
      const system = longSystem(round);
      {
        await using model = open();
        await timeReply(model, ask("warm up", 4));
        const read = await timeReply(model, ask("first", 8, system));
        cold.push(read.first);
        tokens = read.read;
        memory.push((await timeReply(model, ask("second", 8, system))).first);
        // The state is written once nobody asks for anything.
        await sleep(quietMilliseconds);
      }
      await using model = open();
      await timeReply(model, ask("warm up", 4));
      disk.push((await timeReply(model, ask("third", 8, system))).first);
    }
    const against = { name: `reading ${tokens} tokens`, value: median(cold) };
    const goal = Math.round(against.value / 5) / 10;
    const shared = { unit: "ms", against, goal };
    return [
      { name: "first text, prefix in memory", value: median(memory), ...shared, raw: { ours: memory, theirs: cold } },
      { name: "first text, prefix on disk", value: median(disk), ...shared, raw: { ours: disk, theirs: cold } },
    ];
  },
};

/** From nothing to the first text of a short question. */
const start: Benchmark = {
  name: "inference-start",
  async run() {
    const path = await benchModel();
    const measured = await alternate(
      rounds,
      async () => {
        const began = performance.now();
        await using model = ours({ path });
        await timeReply(model, ask("hello", 1));
        return performance.now() - began;
      },
      async () => {
        await using server = await llamaServer(path);
        return server.ready + (await server.firstText("hello"));
      },
    );
    return [milliseconds("process start to first text", measured, "llama-server", 2)];
  },
};

const chatReady: Benchmark = {
  name: "inference-chat-ready",
  async run() {
    const path = await benchModel();
    const script = join(import.meta.dirname, "default-session.ts");
    const run = promisify(execFile);
    const measured = await alternate(
      rounds,
      async () => {
        const began = performance.now();
        await using model = ours({ path });
        await model.countTokens(ask("hello", 1), signal);
        return performance.now() - began;
      },
      async () => {
        return Number((await run(process.execPath, [script, path])).stdout);
      },
    );
    return [milliseconds("ready to chat", measured, "node-llama-cpp's default", 0.5)];
  },
};

/** From naming another model to its description, in one shared host: it is in memory, or only in the page cache. */
const switching: Benchmark = {
  name: "inference-switch",
  async run() {
    const [one, other] = [await benchModel("long"), await benchModel("short")];
    const resident: number[] = [];
    const cached: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await using host = sharedHost();
      await using first = ours({ path: one, entry: host.entry });
      await first.describe(signal);
      cached.push(await timeDescription(other, host.entry));
      resident.push(await timeDescription(one, host.entry));
    }
    const line = (name: string, values: number[], goal: number): Measurement => ({
      name,
      value: median(values),
      unit: "ms",
      against: undefined,
      goal,
      raw: { ours: values, theirs: [] },
    });
    return [line("switch to a model in memory", resident, 50), line("switch to one in the page cache", cached, 5000)];
  },
};

async function timeDescription(path: string, entry: ReturnType<typeof sharedHost>["entry"]): Promise<number> {
  const began = performance.now();
  await using model = ours({ path, entry });
  await model.describe(signal);
  return performance.now() - began;
}

function milliseconds(
  name: string,
  { ours: value, theirs, raw }: Awaited<ReturnType<typeof alternate>>,
  other: string,
  share: number,
): Measurement {
  return { name, value, unit: "ms", against: { name: other, value: theirs }, goal: Math.round(theirs * share), raw };
}

export const readinessBenchmarks: readonly Benchmark[] = [prefix, start, chatReady, switching];
