import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import {
  createFormatCache,
  createNativeRenderer,
  type FormatCache,
  openChatTemplate,
  TemplateEngine,
} from "@trust-cli/core/models";

import { type Benchmark, median, type Measurement } from "./benchmark.ts";
import { scratchHome } from "./scratch.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, "packages", "core", "test", "dialects", "corpus", "templates");
const bundle = join(root, "packages", "cli", "dist", "bundle");
const entry = { path: join(bundle, "template-worker.js"), execArgv: [] };
const { signal } = new AbortController();
const rounds = 5;

/** In milliseconds; `stall`: the longest time for which the main thread did nothing else. */
interface Watched {
  taken: number;
  stall: number;
}

async function watch(work: () => Promise<unknown>): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(2);
  delay.reset();
  const began = performance.now();
  await work();
  const taken = performance.now() - began;
  // A stall is noticed when it is over.
  await sleep(2);
  delay.disable();
  return { taken, stall: delay.max / 1e6 };
}

type NativeRender = ReturnType<typeof createNativeRenderer>["render"];

interface Helpers {
  cache: FormatCache;
  /** For templates that our engine cannot run. */
  native: NativeRender;
}

/** With a thread of its own, which starts only when it is needed. */
async function open(template: string, native: NativeRender, cache?: FormatCache): Promise<void> {
  await using engine = new TemplateEngine({ entry, native });
  const context = { template, specialTokens: [], bosToken: "", eosToken: "" };
  await openChatTemplate(context, { engine, ...(cache === undefined ? {} : { cache }) }, signal);
}

async function startThread(): Promise<void> {
  await using engine = new TemplateEngine({ entry });
  await engine.render("a", [{}], signal);
}

const ways = ["cold", "cached", "thread", "idle"] as const;
type Rounds = Readonly<Record<(typeof ways)[number], Watched>>;

async function measure(template: string, { cache, native }: Helpers): Promise<Rounds> {
  const work = {
    cold: () => open(template, native),
    cached: () => open(template, native, cache),
    thread: startThread,
    idle: () => sleep(100),
  };
  await open(template, native, cache);
  const found = { cold: [], cached: [], thread: [], idle: [] } as Record<keyof Rounds, Watched[]>;
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) found[way].push(await watch(work[way]));
  }
  const middle = (way: keyof Rounds): Watched => ({
    taken: median(found[way].map(({ taken }) => taken)),
    stall: median(found[way].map(({ stall }) => stall)),
  });
  return { cold: middle("cold"), cached: middle("cached"), thread: middle("thread"), idle: middle("idle") };
}

export const analysis: Benchmark = {
  name: "analysis",
  async run() {
    using home = scratchHome();
    const cache = createFormatCache(join(home.folder, "formats"));
    await using host = createNativeRenderer({ command: process.execPath, args: [join(bundle, "host.js")] });
    // Where a model is loaded, its host runs already.
    await host.render("a", [{}], signal);
    const found: Rounds[] = [];
    for (const file of readdirSync(folder)) {
      found.push(await measure(readFileSync(join(folder, file), "utf8"), { cache, native: host.render }));
    }
    const taken = (way: keyof Rounds): number[] => found.map((rounds) => rounds[way].taken);
    const thread = { name: "its thread alone", value: median(taken("thread")) };
    const stall = (way: keyof Rounds): number => Math.max(...found.map((rounds) => rounds[way].stall));
    const still = { name: "idle", value: stall("idle") };
    return [
      row("analysis, median", median(taken("cold")), 500, thread),
      row("analysis, worst template", Math.max(...taken("cold")), 500, thread),
      row("analysis, cached, median", median(taken("cached")), 50),
      row("analysis, cached, worst template", Math.max(...taken("cached")), 50),
      row("longest stall of the main thread", stall("cold"), 50, still),
    ];
  },
};

// oxlint-disable-next-line max-params -- the fields of one row
const row = (name: string, value: number, goal: number, against?: Measurement["against"]): Measurement => ({
  name,
  value,
  unit: "ms",
  against,
  goal,
});
