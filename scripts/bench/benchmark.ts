import { spawn } from "node:child_process";

/** One figure. `goal` is the largest value that is good; `against` is measured side by side in the same run. */
export interface Measurement {
  name: string;
  value: number;
  unit: string;
  against: { name: string; value: number } | undefined;
  goal: number;
  /** Every single figure, in the order in which they were measured. */
  raw?: { ours: readonly number[]; theirs: readonly number[] } | undefined;
}

export interface Benchmark {
  name: string;
  run(): Promise<Measurement[]>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Runs two measurements alternately, so that noise of the machine meets both, and gives both medians. */
export async function alternate(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<{ ours: number; theirs: number; raw: NonNullable<Measurement["raw"]> }> {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round < rounds; round++) {
    a.push(await ours());
    b.push(await theirs());
  }
  return { ours: median(a), theirs: median(b), raw: { ours: a, theirs: b } };
}

/** Milliseconds until a program has ended. */
export function timeProgram(args: readonly string[], env: Record<string, string>, cwd?: string): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      stdio: "ignore",
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    child.on("error", reject);
    child.on("exit", () => resolve(performance.now() - began));
  });
}
