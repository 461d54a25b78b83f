import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import { formatOf, hermesTags, qwenTags, type ToolFormat } from "@trust-cli/core/dialects";
import { openChatTemplate, TemplateEngine } from "@trust-cli/core/models";
import type { ToolSignature } from "@trust-cli/core/protocol";
import { temporaryJournal } from "@trust-cli/core/testing";
import {
  builtInTools,
  createEditFailures,
  createReadLedger,
  defaultLimits,
  toolSignature,
} from "@trust-cli/core/tools";
import { openWorkspace } from "@trust-cli/core/workspace";

import { type Benchmark, median, type Measurement } from "./benchmark.ts";
import type { BuilderInput } from "./grammar-builder.ts";
import { scratchHome } from "./scratch.ts";

const root = join(import.meta.dirname, "..", "..");
const templates = join(root, "packages", "core", "test", "dialects", "corpus", "templates");
const { signal } = new AbortController();
const threads = 15;
const goal = 5;

/** Those of the to-do plugin. */
const pluginTools: readonly ToolSignature[] = [
  { name: "todo_list", description: "Show the list", parameters: { type: "object", properties: {} } },
  {
    name: "todo_add",
    description: "Add a task",
    parameters: {
      type: "object",
      properties: { text: { type: "string", minLength: 1, maxLength: 500 } },
      required: ["text"],
    },
  },
  {
    name: "todo_done",
    description: "Mark a task as done",
    parameters: { type: "object", properties: { number: { type: "integer", minimum: 1 } }, required: ["number"] },
  },
];

/** The built-in tools and those of a plugin. */
async function tenTools(folder: string): Promise<ToolSignature[]> {
  const workspace = await openWorkspace(folder);
  const tools = builtInTools({
    workspace,
    changes: temporaryJournal(workspace),
    ledger: createReadLedger(),
    failures: createEditFailures(),
    limits: defaultLimits,
  }).map(toolSignature);
  return [...tools, ...pluginTools];
}

/** One for each way in which families write arguments. */
async function families(): Promise<readonly (readonly [string, ToolFormat])[]> {
  await using engine = new TemplateEngine({
    entry: { path: join(root, "packages/cli/dist/bundle/template-worker.js"), execArgv: [] },
  });
  const analysed = async (file: string): Promise<ToolFormat> => {
    const template = readFileSync(join(templates, `${file}.jinja`), "utf8");
    const context = { template, specialTokens: [], bosToken: "", eosToken: "" };
    return (await openChatTemplate(context, { engine }, signal)).format;
  };
  return [
    ["Hermes", formatOf(hermesTags)],
    ["Qwen tags", formatOf(qwenTags)],
    ["Python", await analysed("LFM2-8B-A1B")],
    ["Gemma 4", await analysed("google-gemma-4-31B-it")],
    ["DeepSeek", await analysed("deepseek-ai-DeepSeek-V3.1")],
    ["harmony", await analysed("openai-gpt-oss-120b")],
  ];
}

/** Milliseconds of each of many builds in a new thread. */
async function buildTimes(workerData: BuilderInput): Promise<number[]> {
  const worker = new Worker(new URL("grammar-builder.ts", import.meta.url), { workerData });
  const [taken] = (await once(worker, "message")) as [number[]];
  await worker.terminate();
  return taken;
}

async function measure(family: string, format: ToolFormat, tools: ToolSignature[]): Promise<Measurement[]> {
  const runs: number[][] = [];
  for (let thread = 0; thread < threads; thread++) runs.push(await buildTimes({ format, tools, times: 40 }));
  const first = median(runs.map(([one = Number.NaN]) => one));
  const later = median(runs.flatMap(([, ...others]) => others));
  const row = { unit: "ms", against: undefined, goal };
  return [
    { ...row, name: `grammar of ${tools.length} tools, ${family}, first`, value: first },
    { ...row, name: `grammar of ${tools.length} tools, ${family}, later`, value: later },
  ];
}

export const callGrammar: Benchmark = {
  name: "call-grammar",
  async run() {
    using home = scratchHome();
    const tools = await tenTools(home.folder);
    const rows: Measurement[] = [];
    for (const [family, format] of await families()) rows.push(...(await measure(family, format, tools)));
    return rows;
  },
};
