import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import type { LlamaModel } from "@trust-cli/core/models";

import { alternate, type Benchmark, type Measurement, median } from "./benchmark.ts";
import {
  ask,
  benchModel,
  busyCore,
  llamaBench,
  llamaServer,
  ours,
  rounds,
  threads,
  timeReply,
} from "./inference-rig.ts";

const decode: Benchmark = {
  name: "inference-decode",
  async run() {
    const path = await benchModel();
    await using model = ours({ path, plain: true, spec: { path, threads } });
    await timeReply(model, ask("warm up", 32));
    let round = 0;
    const bare: number[] = [];
    const {
      ours: value,
      theirs,
      raw,
    } = await alternate(
      rounds,
      async () => (await timeReply(model, ask(`Round ${round++}: write`, 192))).perToken,
      async () => {
        bare.push(await bareDecode(path));
        return await llamaBench(path, { written: 192 });
      },
    );
    const library = { ours: value, theirs: median(bare), raw: { ours: raw.ours, theirs: bare } };
    return [
      comparison("writing a token", { ours: value, theirs, raw }, "llama-bench", 0.95),
      comparison("writing a token", library, "the bare library", 0.95),
    ];
  },
};

/** Milliseconds a token without a host and a reader. */
async function bareDecode(path: string): Promise<number> {
  const script = join(import.meta.dirname, "bare-decode.ts");
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
  return Number((await promisify(execFile)(process.execPath, [script, path, String(threads)], { env })).stdout);
}

const prefill: Benchmark = {
  name: "inference-prefill",
  async run() {
    const path = await benchModel();
    await using model = ours({ path, plain: true, spec: { path, threads } });
    await timeReply(model, ask("warm up", 8));
    let round = 0;
    const measured = await alternate(
      rounds,
      async () => {
        const { reading, read } = await timeReply(model, ask(`${round++}${"lorem ipsum dolor ".repeat(157)}`, 1));
        return reading / read;
      },
      () => llamaBench(path, { read: 2048 }),
    );
    return [comparison("reading a token", measured, "llama-bench", 0.95)];
  },
};

/** What the other thing does at its best, with one core kept busy. */
const busy: Benchmark = {
  name: "inference-busy",
  async run() {
    const path = await benchModel();
    using _load = busyCore();
    await using governed = ours({ path, plain: true });
    const speed = async (model: LlamaModel): Promise<number> => {
      await timeReply(model, ask("warm up", 48));
      return (await timeReply(model, ask("write", 128))).perToken;
    };
    const byCount = new Map<number, number>();
    const free: number[] = [];
    for (const count of new Set([1, Math.max(1, threads - 1), threads])) {
      await using fixed = ours({ path, plain: true, spec: { path, threads: count } });
      const { ours: governedSpeed, theirs } = await alternate(
        rounds,
        () => speed(governed),
        () => speed(fixed),
      );
      byCount.set(count, theirs);
      free.push(governedSpeed);
    }
    const best = Math.min(...byCount.values());
    const measured = { ours: median(free), theirs: best };
    return [comparison("writing a token, one core busy", measured, "best fixed thread count", 0.9)];
  },
};

const length = 512;

/** Both sides have written the file before they are measured. */
const speculation: Benchmark = {
  name: "inference-speculation",
  async run() {
    const path = await benchModel("short");
    const spec = { path, threads };
    await using guessing = ours({ path, spec });
    await using plain = ours({ path, spec, plain: true });
    await using server = await llamaServer(path, ["--spec-type", "ngram-simple"]);
    const write = async (model: LlamaModel): Promise<number> =>
      (await timeReply(model, ask("Write the file again", length))).perToken;
    const beside = await alternate(
      rounds,
      () => write(guessing),
      () => server.perToken("Write the file again", length),
    );
    const gain = await alternate(
      rounds,
      () => write(guessing),
      () => write(plain),
    );
    return [
      comparison("writing a file again, a token", beside, "llama-server ngram-simple", 0.9),
      comparison("the same against plain decoding", gain, "plain", 1),
    ];
  },
};

/** Guessing must not cost where nothing repeats. */
const unforeseen: Benchmark = {
  name: "inference-unforeseen",
  async run() {
    const path = await benchModel("long");
    const spec = { path, threads };
    await using guessing = ours({ path, spec });
    await using plain = ours({ path, spec, plain: true });
    const write = async (model: LlamaModel): Promise<number> => (await timeReply(model, ask("Write", length))).perToken;
    const measured = await alternate(
      rounds,
      () => write(guessing),
      () => write(plain),
    );
    return [comparison("what nobody could foresee, a token", measured, "plain", 0.95)];
  },
};

type Measured = { ours: number; theirs: number; raw?: Measurement["raw"] };

/** `share` of the other's speed must be reached. */
function comparison(name: string, { ours: value, theirs, raw }: Measured, other: string, share: number): Measurement {
  const against = { name: other, value: theirs };
  return { name, value, unit: "ms", against, goal: Math.round((theirs / share) * 1000) / 1000, raw };
}

export const speedBenchmarks: readonly Benchmark[] = [decode, prefill, busy, speculation, unforeseen];
