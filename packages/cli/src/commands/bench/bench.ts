import { loadavg } from "node:os";

import { computeCores, readMachine } from "@trust-cli/core/hardware";
import { createSpeedModel } from "@trust-cli/core/models";
import { findLlamaTool } from "@trust-cli/core/models/quantize";
import { sizeText } from "@trust-cli/core/protocol";

import { llamaToolPlace } from "../../composition/llama-tools.ts";
import { loadSpec, withoutParts } from "../../composition/local-model.ts";
import { hostBackend, privateHostEntry } from "../../composition/locations.ts";
import { loadSettings, type Settings } from "../../composition/settings.ts";
import { namedWeightsPath } from "../../composition/weights-path.ts";
import { writeNotice } from "../../print/output.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { statusLine } from "../model/status-line.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { measureRounds } from "./rounds.ts";

export type BenchOptions = SharedOptions & { rounds: number; prompt: number; tokens: number; compare: boolean };

const quietLoad = 0.5;

/** `trust bench`: what a person may expect of a model on this machine, and how that compares with llama.cpp alone. */
export async function bench(named: string | undefined, options: BenchOptions): Promise<number> {
  const settings = await loadSettings(options);
  const { config } = settings;
  for (const notice of settings.resolved.notices) writeNotice(notice);
  using interrupt = interruptSignal();
  const { signal } = interrupt;
  const path = await namedWeightsPath(named ?? config.model, settings, signal);
  const threads = config.host.threads ?? computeCores(readMachine());
  const own = named === undefined ? config : withoutParts(config);
  const spec = { ...loadSpec({ config: own, cwd: settings.workspace.root }), path, threads };
  await using model = createSpeedModel({ entry: emptyHostEntry(settings), spec });
  using line = statusLine();
  const busy = busyNotes();
  const began = performance.now();
  const loaded = await model.load(signal, (fraction) => line.show(`Loading the model ${Math.round(fraction * 100)} %`));
  const loadMilliseconds = performance.now() - began;
  const rival = rivalFor(options, settings);
  const notes = [...busy, ...rival.notes];
  const rounds = await measureRounds({
    model,
    contextSize: loaded.contextSize,
    path,
    threads,
    program: rival.program,
    rounds: options.rounds,
    prompt: options.prompt,
    tokens: options.tokens,
    onProgress: (text) => line.show(text),
    signal,
  });
  const facts = { model: loaded.name, path, sizeBytes: loaded.sizeBytes, backend: loaded.backend, threads };
  const figures = figuresOf(rounds, loadMilliseconds);
  const value = { ...facts, rounds: rounds.length, ...figures, notes, raw: rounds };
  printResult(options.json, value, () => resultLines(value));
  return 0;
}

/** A host that knows nothing of earlier ones, so that prompts are new to it. */
function emptyHostEntry({ config, paths }: Settings): ReturnType<typeof privateHostEntry> {
  const { stateDirectory: _, ...entry } = privateHostEntry(config, paths);
  return entry;
}

/** What else runs takes cores from both sides, and from the one that waits for its slowest thread more. */
function busyNotes(): string[] {
  const [load = 0] = loadavg();
  if (load < quietLoad) return [];
  return [`Other programs were at work (load ${load.toFixed(1)}), so these figures are lower than they could be.`];
}

interface Rival {
  /** llama-bench; undefined for no comparison. */
  program: string | undefined;
  /** Why there is none, a sentence each. */
  notes: readonly string[];
}

function rivalFor({ compare }: BenchOptions, { config, paths, environment }: Settings): Rival {
  if (!compare) return { program: undefined, notes: [] };
  const backend = hostBackend(config);
  if (backend !== "cpu") {
    return { program: undefined, notes: [`llama-bench is built for the CPU, and this was measured on ${backend}.`] };
  }
  const program = findLlamaTool("llama-bench", llamaToolPlace(paths, environment));
  const notes = ["To compare with llama.cpp's own llama-bench, build it once: trust host tools build"];
  return program === undefined ? { program, notes } : { program, notes: [] };
}

interface Result extends Figures {
  path: string;
  sizeBytes: number;
  backend: string;
  threads: number;
  rounds: number;
  notes: readonly string[];
}

function resultLines(result: Result): string {
  const { load, reading, writing, firstText, llamaBench } = result;
  const { path, sizeBytes, backend, threads, rounds } = result;
  const beside = (which: "reading" | "writing"): string =>
    llamaBench === null
      ? ""
      : `, ${shown(llamaBench[`${which}Ratio`], 2)} of llama-bench's ${shown(llamaBench[which])}`;
  const right = writing.accepted === null ? "nothing" : `${shown(100 * writing.accepted)} %`;
  const gain = `${shown(writing.guessedRatio, 2)} times that, ${right} of what was guessed was right`;
  const rows = [
    ["load", `${shown(load.milliseconds)} ms`],
    ["reading", `${shown(reading.tokensPerSecond)} tokens/s${beside("reading")}`],
    ["writing", `${shown(writing.plain)} tokens/s${beside("writing")}`],
    ["with guesses", `${shown(writing.guessed)} tokens/s, ${gain}`],
    ["first text", `${shown(firstText.known)} ms after a known prompt, ${shown(firstText.cold)} ms after a new one`],
  ];
  const how = `${sizeText(sizeBytes)}, ${backend}, ${threads} threads, median of ${rounds}`;
  const table = rows.map(([name = "", value]) => `${name.padEnd(13)} ${value}\n`).join("");
  return `${path}\n${how}\n${table}${result.notes.map((note) => `${note}\n`).join("")}`;
}

const shown = (value: number | null, digits = 0): string =>
  value === null ? "?" : value.toFixed(value < 10 ? Math.max(1, digits) : digits);
