import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { childProcesses, openTerminal } from "@trust-cli/core/testing";

import { type Benchmark, median } from "./benchmark.ts";
import { benchModel, rounds } from "./inference-rig.ts";
import { scratchHome, trustProgram } from "./scratch.ts";

/** Loaded before a program: measures how late its event loop is between two signals, and writes it to a file. */
const probe = `
import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
const delay = monitorEventLoopDelay({ resolution: 1 });
let isOn = false;
process.on("SIGUSR2", () => {
  isOn = !isOn;
  if (isOn) return void delay.enable();
  delay.disable();
  writeFileSync(process.env.TRUST_BENCH_FOLDER + "/" + process.pid, String(delay.percentile(99) / 1e6 - 1));
});
`;

/** The chat in a terminal and its own model host, while a prompt of some thousand tokens is read and answered. */
const loops: Benchmark = {
  name: "inference-loops",
  async run() {
    const path = await benchModel("long");
    const ui: number[] = [];
    const host: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const late = await lateness(path);
      ui.push(late.ui);
      host.push(late.host);
    }
    const limit = (name: string, values: number[], goal: number) => {
      return { name, value: median(values), unit: "ms", against: undefined, goal, raw: { ours: values, theirs: [] } };
    };
    return [limit("event loop of the host late, p99", host, 50), limit("event loop of the chat late, p99", ui, 16)];
  },
};

async function lateness(path: string): Promise<{ ui: number; host: number }> {
  using home = scratchHome();
  const folder = mkdtempSync(join(tmpdir(), "trust-bench-loops-"));
  writeFileSync(join(folder, "probe.mjs"), probe);
  const options = `--import=${pathToFileURL(join(folder, "probe.mjs")).href}`;
  using chat = openTerminal(process.execPath, [trustProgram, "-m", path], {
    cwd: home.folder,
    env: { ...home.env, NODE_OPTIONS: options, TRUST_BENCH_FOLDER: folder },
    columns: 120,
    rows: 40,
  });
  try {
    await chat.waitFor("ask about this code");
    chat.type("hello\r");
    await chat.waitFor("item0000", 60);
    await sleep(1000);
    const [hostPid] = childProcesses(chat.pid);
    const signal = (): void => [chat.pid, hostPid ?? 0].forEach((pid) => void process.kill(pid, "SIGUSR2"));
    signal();
    await sleep(500);
    // A second message while the first reply is written: people type, and it waits.
    for (const letter of "what does this mean") {
      chat.type(letter);
      await sleep(40);
    }
    await sleep(3000);
    signal();
    await sleep(500);
    const read = (pid: number): number => Number(readFileSync(join(folder, String(pid)), "utf8"));
    return { ui: read(chat.pid), host: read(hostPid ?? 0) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const loopBenchmarks: readonly Benchmark[] = [loops];
