import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import {
  type LlamaModel,
  type SharedHost,
  sharedHostPlace,
  sharedHostStatus,
  stopSharedHost,
} from "@trust-cli/core/models";

import { type Benchmark, type Measurement, median } from "./benchmark.ts";
import { ask, benchModel, ours, rounds, signal, timeReply } from "./inference-rig.ts";

/** A shared host of its own, ended with what it belongs to. */
export function sharedHost(): AsyncDisposable & {
  entry: { shared: SharedHost; stateDirectory: string };
} {
  const folder = mkdtempSync(join(tmpdir(), "tb-"));
  const place = sharedHostPlace({ TMPDIR: folder }, folder, "cpu");
  const shared = { place, idleSeconds: 60 };
  return {
    entry: { shared, stateDirectory: join(folder, "state") },
    async [Symbol.asyncDispose]() {
      await stopSharedHost(shared);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A prompt of about 4,000 tokens that is new each time, and work for some seconds. */
const longQuestion = (number: number): string => `${number} ${"lorem ipsum dolor sit amet ".repeat(330)}`;

const abort: Benchmark = {
  name: "inference-abort",
  async run() {
    const path = await benchModel();
    await using model = ours({ path });
    await timeReply(model, ask("warm up", 16));
    const reading: number[] = [];
    const writing: number[] = [];
    for (let round = 0; round < 20; round++) {
      reading.push(await abortLatency(model, longQuestion(round), "prefill"));
      writing.push(await abortLatency(model, `round ${round}`, "text-delta"));
    }
    return [
      limit("abort while reading, p95", reading, percentile(reading, 0.95), 150),
      limit("abort while writing, p95", writing, percentile(writing, 0.95), 150),
    ];
  },
};

/** Milliseconds from the abort, at a moment of its own each time, to the end of the stream. */
async function abortLatency(model: LlamaModel, text: string, when: "prefill" | "text-delta"): Promise<number> {
  const controller = new AbortController();
  let aborted = 0;
  const stop = async (): Promise<void> => {
    await sleep(Math.random() * 300);
    aborted = performance.now();
    controller.abort();
  };
  let stopping: Promise<void> | undefined;
  for await (const event of model.stream(ask(text, 4000), controller.signal)) {
    if (event.type === when) stopping ??= stop();
  }
  const ended = performance.now();
  await stopping;
  return Math.max(0, ended - aborted);
}

/** How long the host leaves a new client without its status, while it reads and writes for another. */
const stall: Benchmark = {
  name: "inference-stall",
  async run() {
    const path = await benchModel();
    await using host = sharedHost();
    await using model = ours({ path, entry: host.entry });
    await timeReply(model, ask("warm up", 16));
    const waits: number[] = [];
    let isWorking = true;
    const asking = (async () => {
      while (isWorking) {
        const asked = performance.now();
        await sharedHostStatus(host.entry.shared, signal);
        waits.push(performance.now() - asked);
        await sleep(2);
      }
    })();
    for (let round = 0; round < rounds; round++) await timeReply(model, ask(longQuestion(round), 256));
    isWorking = false;
    await asking;
    return [limit("host answers while it works, p99", waits, percentile(waits, 0.99), 50)];
  },
};

/** The first text of a second client, beside that of one who has the host for himself. */
const secondClient: Benchmark = {
  name: "inference-second-client",
  async run() {
    const path = await benchModel();
    await using host = sharedHost();
    await using first = ours({ path, entry: host.entry });
    await using second = ours({ path, entry: host.entry });
    const step = (await timeReply(first, ask("warm up", 64))).perToken;
    await timeReply(second, ask("warm up", 4));
    const alone: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < rounds; round++) {
      alone.push((await timeReply(second, ask(`alone ${round}`, 4))).first);
      const controller = new AbortController();
      const busy = drain(first, `busy ${round}`, controller.signal);
      await sleep(400);
      beside.push((await timeReply(second, ask(`beside ${round}`, 4))).first);
      controller.abort();
      await busy;
    }
    // One batch of the other's: at most 512 tokens read, or a draft and a token written.
    const goal = Math.round(median(alone) * 2 + 50 * step);
    const against = { name: "alone", value: median(alone) };
    const name = "first text of a second client, the host busy";
    return [{ name, value: median(beside), unit: "ms", against, goal, raw: { ours: beside, theirs: alone } }];
  },
};

async function drain(model: LlamaModel, text: string, stop: AbortSignal): Promise<void> {
  for await (const event of model.stream(ask(text, 4000), stop)) if (event.type === "finish") return;
}

/** llama.cpp aborts the host in the middle of a reply. */
const crash: Benchmark = {
  name: "inference-crash",
  async run() {
    const path = await benchModel();
    const gaps: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await using model = ours({ path });
      let crashed = 0;
      for await (const event of model.stream(ask("write", 400), new AbortController().signal)) {
        if (event.type !== "text-delta") continue;
        if (crashed > 0) {
          gaps.push(performance.now() - crashed);
          break;
        }
        if (model.hostPid === undefined) continue;
        process.kill(model.hostPid, "SIGABRT");
        crashed = performance.now();
      }
    }
    return [limit("SIGABRT to the next text, reload included", gaps, median(gaps), 3000)];
  },
};

function limit(name: string, values: readonly number[], value: number, goal: number): Measurement {
  return { name, value, unit: "ms", against: undefined, goal, raw: { ours: values, theirs: [] } };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const hostWorkBenchmarks: readonly Benchmark[] = [abort, stall, secondClient, crash];
