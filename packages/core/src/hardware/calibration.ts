import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import * as z from "zod";

import { parseJson } from "../protocol/json.ts";
import type { Machine } from "./machine.ts";

/** Tokens a second that were measured with a number of threads. */
const Measured = z.strictObject({ threads: z.int().positive(), tokensPerSecond: z.number().positive() });
export type Measured = z.infer<typeof Measured>;

const Entry = z.strictObject({ machine: z.string(), model: z.string(), measured: z.array(Measured).max(64) });
const StoreFile = z.strictObject({ version: z.literal(1), entries: z.array(Entry) });

const mostEntries = 64;
const mostBytes = 2 ** 20;
/** A thread more that brings less than this is not worth its core. */
const worthwhile = 0.97;

/** The fewest threads that are practically as fast as the fastest; undefined when nothing was measured. */
export function bestThreads(measured: readonly Measured[]): number | undefined {
  const fastest = Math.max(...measured.map(({ tokensPerSecond }) => tokensPerSecond));
  const good = measured.filter(({ tokensPerSecond }) => tokensPerSecond >= fastest * worthwhile);
  return good.length === 0 ? undefined : Math.min(...good.map(({ threads }) => threads));
}

/** The file of measurements in the folder where a model host keeps its state. */
export const calibrationFile = (stateDirectory: string): string => join(stateDirectory, "threads.json");

/** Measurements hold for machines with the same processor and as many cores to use. */
export const machineKey = ({ cpuModel, cores, performanceCores }: Machine): string =>
  `${cpuModel}, ${cores} cores, ${performanceCores} fast`;

/** What was measured before, on this machine and others that share the file. */
export interface CalibrationStore {
  /** Everything that is known of a machine. */
  ofMachine(machine: string): { model: string; measured: readonly Measured[] }[];
  find(machine: string, model: string): readonly Measured[] | undefined;
  /** Replaces what was known of the two. Forgets the oldest when there are too many; fails silently when it cannot write. */
  record(machine: string, model: string, measured: readonly Measured[]): void;
}

/** The file is read at each use, since other hosts may write it; one that is broken counts as empty and is replaced. */
export function openCalibration(path: string): CalibrationStore {
  return {
    ofMachine: (machine) =>
      load(path).flatMap((entry) =>
        entry.machine === machine ? [{ model: entry.model, measured: entry.measured }] : [],
      ),
    find: (machine, model) => load(path).find((entry) => entry.machine === machine && entry.model === model)?.measured,
    record(machine, model, measured) {
      const others = load(path).filter((entry) => entry.machine !== machine || entry.model !== model);
      const entries = [...others, { machine, model, measured: [...measured] }].slice(-mostEntries);
      replaceFile(path, JSON.stringify({ version: 1, entries }));
    },
  };
}

function load(path: string): z.infer<typeof StoreFile>["entries"] {
  try {
    const text = readFileSync(path, "utf8");
    return text.length > mostBytes ? [] : parseJson(text, StoreFile, path).entries;
  } catch {
    return [];
  }
}

/** Whole or not at all. Measurements can be made again, so that failing to keep them is no error. */
function replaceFile(path: string, text: string): void {
  const temporary = `${path}.new-${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    removeIfPossible(temporary);
  }
}

function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder is none, or not ours.
  }
}
