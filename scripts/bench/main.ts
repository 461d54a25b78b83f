/**
 * npm run bench -- [NAME…] [--json]: the project's figures, measured side by side in one run. A name stands for all
 * benchmarks that begin with it.
 * Not tests: nothing fails when a goal is missed, it is shown.
 */
import { cpus, totalmem } from "node:os";

import { analysis } from "./analysis.ts";
import { armedGrammar } from "./armed-grammar.ts";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { callGrammar } from "./call-grammar.ts";
import { chatBenchmarks } from "./chat.ts";
import { codeBenchmarks } from "./code.ts";
import { doorBenchmarks } from "./doors.ts";
import { hostBenchmarks } from "./host.ts";
import { inferenceBenchmarks } from "./inference.ts";
import { kitBenchmarks } from "./kit.ts";
import { parser } from "./parser.ts";
import { pluginBenchmarks } from "./plugin.ts";
import { startBenchmarks } from "./start.ts";

const benchmarks: readonly Benchmark[] = [
  ...startBenchmarks,
  ...chatBenchmarks,
  ...hostBenchmarks,
  ...inferenceBenchmarks,
  ...kitBenchmarks,
  ...doorBenchmarks,
  ...codeBenchmarks,
  ...pluginBenchmarks,
  parser,
  analysis,
  callGrammar,
  armedGrammar,
];

const words = process.argv.slice(2);
const json = words.includes("--json");
const names = words.filter((word) => !word.startsWith("--"));
const stands = (name: string, benchmark: Benchmark): boolean =>
  benchmark.name === name || benchmark.name.startsWith(`${name}-`);
const unknown = names.filter((name) => !benchmarks.some((benchmark) => stands(name, benchmark)));
if (unknown.length > 0) {
  process.stderr.write(
    `No benchmark ${unknown.join(", ")}; there are: ${benchmarks.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(2);
}

const results: Measurement[] = [];
for (const benchmark of benchmarks) {
  if (names.length > 0 && !names.some((name) => stands(name, benchmark))) continue;
  if (process.stderr.isTTY) process.stderr.write(`${benchmark.name} …\n`);
  try {
    const found = await benchmark.run();
    results.push(...found);
    // With --json the table is for whoever watches.
    (json ? process.stderr : process.stdout).write(table(found));
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`FAILED ${benchmark.name}: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
if (json) process.stdout.write(`${JSON.stringify({ machine: machine(), benchmarks: results.map(row) })}\n`);
process.exit();

function machine(): Record<string, unknown> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
}

function row({ name, value, unit, against, goal, raw }: Measurement): Record<string, unknown> {
  const ratio = against === undefined ? null : round(value / against.value);
  return {
    name,
    value: round(value),
    unit,
    against: against ?? null,
    ratio,
    goal,
    met: value <= goal,
    ...(raw && { raw }),
  };
}

function table(measurements: readonly Measurement[]): string {
  const lines = measurements.map(({ name, value, unit, against, goal }) => {
    const beside =
      against === undefined ? "" : `${round(value / against.value)}x ${against.name} (${round(against.value)})`;
    return `${value <= goal ? "✓" : "✗"} ${name.padEnd(38)} ${String(round(value)).padStart(9)} ${unit.padEnd(7)} goal ${String(goal).padEnd(7)} ${beside}`;
  });
  return lines.map((line) => `${line}\n`).join("");
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
