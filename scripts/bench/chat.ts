import { openTerminal, residentMiB, type TerminalProgram } from "@trust-cli/core/testing";

import { alternate, type Benchmark, timeProgram } from "./benchmark.ts";
import { startMockServer } from "./mock-server.ts";
import { scratchHome, trustProgram } from "./scratch.ts";

const prompt = "ask about this code";
const rounds = 7;

interface Home {
  env: Record<string, string>;
  folder: string;
}

function openChat(home: Home, args: readonly string[] = []): TerminalProgram {
  return openTerminal(process.execPath, [trustProgram, ...args], {
    cwd: home.folder,
    env: home.env,
    columns: 120,
    rows: 40,
  });
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const promptVisible: Benchmark = {
  name: "prompt-visible",
  async run() {
    using home = scratchHome();
    const { ours, theirs } = await alternate(
      rounds,
      async () => {
        const began = performance.now();
        using chat = openChat(home);
        await chat.waitFor(prompt);
        return performance.now() - began;
      },
      () => timeProgram(["-e", "0"], home.env),
    );
    const against = { name: "node -e 0", value: theirs };
    return [{ name: "prompt visible", value: ours, unit: "ms", against, goal: 350 }];
  },
};

const idleMemory: Benchmark = {
  name: "idle-memory",
  async run() {
    using home = scratchHome();
    using chat = openChat(home);
    await chat.waitFor(prompt);
    await sleep(4000);
    return [{ name: "idle chat process", value: residentMiB(chat.pid), unit: "MiB", against: undefined, goal: 100 }];
  },
};

const terminalBytes: Benchmark = {
  name: "terminal-bytes",
  async run() {
    using home = scratchHome();
    await using server = await startMockServer(400, 20);
    using chat = openChat(home, ["-m", server.url]);
    await chat.waitFor(prompt);
    await sleep(500);
    const before = chat.output().length;
    chat.type("stream\r");
    await chat.waitFor("END-OF-REPLY", 40);
    await sleep(500);
    const written = chat.output().slice(before);
    const clears = written.split("\u001b[2J").length + written.split("\u001b[3J").length - 2;
    return [
      {
        name: "written for 400 chunks",
        value: Buffer.byteLength(written) / 1e6,
        unit: "MB",
        against: undefined,
        goal: 0.15,
      },
      { name: "full clears in it", value: clears, unit: "clears", against: undefined, goal: 0 },
    ];
  },
};

/** Counted with the built-in model's tokenizer, whose 4,096 pieces give more tokens than a large vocabulary. */
const firstRequest: Benchmark = {
  name: "first-request",
  async run() {
    using home = scratchHome();
    await using server = await startMockServer(2, 0);
    using chat = openChat(home, ["-m", server.url]);
    await chat.waitFor(prompt);
    chat.type("hi\r");
    await chat.waitFor("END-OF-REPLY");
    const { countNanoTokens } = await import("./host.ts");
    const tokens = await countNanoTokens(server.requests[0] ?? "");
    return [{ name: "first request, whole body", value: tokens, unit: "tokens", against: undefined, goal: 1500 }];
  },
};

const manyTurns: Benchmark = {
  name: "many-turns",
  async run() {
    using home = scratchHome();
    await using server = await startMockServer(40, 0);
    using chat = openChat(home, ["-m", server.url]);
    await chat.waitFor(prompt);
    const turns = 50;
    let first = 0;
    for (let turn = 1; turn <= turns; turn++) {
      chat.type(`question ${turn}\r`);
      await waitForReplies(chat, turn);
      if (turn === 1) first = residentMiB(chat.pid);
    }
    await sleep(1000);
    const growth = (residentMiB(chat.pid) - first) / (turns - 1);
    return [
      { name: "memory growth a turn, 50 turns", value: growth, unit: "MiB", against: undefined, goal: 5 },
      {
        name: "model calls for 50 turns",
        value: server.requests.length,
        unit: "calls",
        against: undefined,
        goal: turns,
      },
    ];
  },
};

async function waitForReplies(chat: TerminalProgram, count: number): Promise<void> {
  const ends = (): number => chat.output().split("END-OF-REPLY").length - 1;
  const limit = performance.now() + 30_000;
  while (ends() < count) {
    if (performance.now() > limit) throw new Error(`reply ${count} did not come. The screen:\n${chat.screen()}`);
    await sleep(10);
  }
  await sleep(150);
}

export const chatBenchmarks: readonly Benchmark[] = [promptVisible, idleMemory, terminalBytes, firstRequest, manyTurns];
