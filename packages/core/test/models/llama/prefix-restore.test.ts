import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { PrefixStore } from "../../../src/models/llama/host/prefix-store.ts";
import type { HostModel } from "../../../src/protocol/host.ts";
import { randomGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { chatBench } from "./chat-bench.ts";
import { type BenchClient, hostBench, type Said } from "./host-bench.ts";
import { readText, until } from "./shared-host-bench.ts";

const kinds = ["llama", "gemma3", "lfm2", "mamba"] as const;
type Kind = (typeof kinds)[number];

let folder: TemporaryWorkspace;
const fileOf = (kind: string): string => join(folder.path, `${kind}.gguf`);
beforeAll(async () => {
  folder = await temporaryWorkspace();
  for (const kind of kinds)
    await randomGguf(fileOf(kind), { seed: 3, ...(kind !== "llama" && { architecture: kind }) });
  await randomGguf(fileOf("other"), { seed: 4 });
});
afterAll(() => folder[Symbol.asyncDispose]());

/** About 300 tokens, more than the window of gemma3 holds; each number gives another text. */
const text = (number: number): string =>
  Array.from({ length: 60 }, (_, index) => `${(index * 7 + number * 31) % 97} or `).join("");

let nextState = 0;
const stateFolder = (): string => join(folder.path, `state${nextState++}`);

/** Works with a client of a host that keeps its states in `state`, and lets it save what it wants to keep. */
async function withHost<T>(path: string, state: string | undefined, work: (on: Session) => Promise<T>): Promise<T> {
  await using host = hostBench({ stateDirectory: state });
  const client = host.client();
  const model = await client.load(path);
  if (state !== undefined) await until(() => readText(join(state, "weights.json")).includes(path));
  const say: Session["say"] = (prompt, more) => client.generate(model, prompt, { maxTokens: 24, ...more });
  return await work({ client, model, say });
}

interface Session {
  client: BenchClient;
  model: HostModel;
  say: (prompt: string, more?: Parameters<BenchClient["generate"]>[2]) => Promise<Said>;
}

/** What a host says that has read nothing before. */
const cold = (path: string, prompt: string): Promise<string> =>
  withHost(path, undefined, async ({ say }) => (await say(prompt)).text);

const states = (state: string): string[] =>
  readdirSync(join(state, "prefixes"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".state"))
    .map((name) => join(state, "prefixes", name));

describe.each(kinds)("a %s model", (kind: Kind) => {
  const path = (): string => fileOf(kind);

  test("goes on from what it has in memory as if it had read it anew", async () => {
    await withHost(path(), undefined, async ({ say }) => {
      const first = await say(text(1));
      const next = text(1) + first.text + text(2);
      // The same again, other ends, some of them long, the first again, and a continuation of what it said.
      const most = text(1).slice(0, text(1).length * 0.7);
      for (const prompt of [text(1), `${text(1)} not `, most + text(3), most, text(1), next, `${text(1)} nor `, next]) {
        expect((await say(prompt)).text).toBe(await cold(path(), prompt));
      }
    });
  });

  test("goes on from the last answer without reading it again", async () => {
    await withHost(path(), undefined, async ({ say }) => {
      const { end } = await say(text(1), { maxTokens: 1 });
      const again = await say(`${text(1)} yes`);
      expect(again.end.reusedTokens).toBeGreaterThanOrEqual(end.promptTokens - 2);
      expect(again.text).toBe(await cold(path(), `${text(1)} yes`));
    });
  });

  test("goes on from disk, in another process, as if it had read it anew", async () => {
    const state = stateFolder();
    const segment = (number: number) => ({ kind: "text" as const, text: text(number) });
    const front = [segment(1), { kind: "text" as const, text: "…" }];
    await withHost(path(), state, ({ say }) => say("", { front, prompt: [segment(1), segment(2)] }));
    const other = { front, prompt: [segment(1), segment(5)] };
    const expected = await withHost(path(), undefined, async ({ say }) => (await say("", other)).text);
    await withHost(path(), state, async ({ say }) => {
      const { text: answer, end, prefills } = await say("", other);
      expect(prefills.map(({ source }) => source)).toContain("disk");
      expect(end.reusedTokens).toBeGreaterThan(250);
      expect(answer).toBe(expected);
      // And from memory what came from disk.
      expect((await say("", other)).text).toBe(expected);
    });
  });

  test("goes on from disk where a conversation was other before it ended, if its memory can be cut", async () => {
    const state = stateFolder();
    await withHost(path(), state, ({ say }) => say(text(1)));
    const other = `${text(1).slice(0, text(1).length * 0.9)} not so`;
    await withHost(path(), state, async ({ say }) => {
      const { text: answer, end } = await say(other);
      expect(answer).toBe(await cold(path(), other));
      if (kind === "llama") expect(end.reusedTokens).toBeGreaterThan(250);
      else expect(end.reusedTokens).toBe(0);
    });
  });

  test("answers five at a time and one after the other alike, also those that gave way", async () => {
    const prompts = [1, 2, 3, 4].map((number) => text(number));
    const expected = await withHost(path(), undefined, async ({ say }) => {
      const answers = [];
      for (const prompt of [...prompts, text(9)]) answers.push((await say(prompt, { maxTokens: 80 })).text);
      return answers;
    });
    await withHost(path(), undefined, async ({ client, model }) => {
      let heard = 0;
      const urgent = Promise.withResolvers<void>();
      const watch = ({ type }: { type: string }): void => {
        if (type === "text" && ++heard === 20) urgent.resolve();
      };
      const asked = (prompt: string, priority: number) => ({
        prompt: [{ kind: "control" as const, text: prompt }],
        priority,
        maxTokens: 80,
      });
      const slow = prompts.map((prompt) => client.generate(model, "", asked(prompt, 1), watch));
      await urgent.promise;
      const fast = client.generate(model, "", asked(text(9), 5));
      expect((await Promise.all([...slow, fast])).map(({ text: answer }) => answer)).toEqual(expected);
    });
  });
});

test("a gemma3 model reads again what its window has lost", async () => {
  const long = [1, 2, 3, 4, 5, 6, 7, 8].map(text).join("");
  const other = `${long.slice(0, long.length * 0.6)} and?`;
  await withHost(fileOf("gemma3"), undefined, async ({ say }) => {
    await say(long);
    expect((await say(other)).text).toBe(await cold(fileOf("gemma3"), other));
  });
});

describe("a state on disk", () => {
  const parts = (...texts: string[]) => ({ prompt: texts.map((one) => ({ kind: "text" as const, text: one })) });
  const question = (number: number) => parts(text(number), "and?");
  const coldly = (number: number): Promise<string> =>
    withHost(fileOf("llama"), undefined, async ({ say }) => (await say("", question(number))).text);

  /** A folder with the states of these prompts, as they are before anything is answered. */
  async function saved(...numbers: number[]): Promise<string> {
    const state = stateFolder();
    for (const number of numbers) {
      await withHost(fileOf("llama"), state, ({ say }) => say("", { ...parts(text(number)), maxTokens: 1 }));
    }
    return state;
  }

  /** Expects the right answer to a question, and tells how much of it was not read anew. */
  async function reusedOf(state: string, number: number): Promise<number> {
    return await withHost(fileOf("llama"), state, async ({ say }) => {
      const { text: answer, end } = await say("", question(number));
      expect(answer).toBe(await coldly(number));
      return end.reusedTokens;
    });
  }

  test("that nobody touched is used", async () => {
    expect(await reusedOf(await saved(1), 1)).toBeGreaterThan(250);
  });

  const spoils: [string, (file: string, state: string) => void][] = [
    ["is cut off", (file) => writeFileSync(file, readFileSync(file).subarray(0, 5000))],
    ["is empty", (file) => writeFileSync(file, "")],
    ["has another byte", (file) => writeFileSync(file, readFileSync(file).fill(7, 9000, 9001))],
    ["is longer", (file) => writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(64)]))],
    [
      "has the name of another content",
      (file) => renameSync(file, file.replace(/[0-9a-f]{8}\.state$/, "00000000.state")),
    ],
    [
      "is a folder",
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ];
  test.each(spoils)("that %s is discarded, and the answer is the same", async (_, spoil) => {
    const state = await saved(1);
    const [file = ""] = states(state);
    spoil(file, state);
    expect(await reusedOf(state, 1)).toBe(0);
  });

  test("with the name of other tokens is discarded, and the answer is the same", async () => {
    const state = await saved(1);
    const [wrong = ""] = states(state);
    await withHost(fileOf("llama"), state, ({ say }) => say("", { ...parts(text(2)), maxTokens: 1 }));
    const right = states(state).find((file) => file !== wrong) ?? "";
    copyFileSync(wrong, right);
    const seal = /[0-9a-f]{32}\.state$/.exec(wrong)?.[0] ?? "";
    renameSync(right, right.replace(/[0-9a-f]{32}\.state$/, seal));
    expect(await reusedOf(state, 2)).toBe(0);
  });

  test("of another model is discarded, even in this one's folder", async () => {
    const state = await saved(1);
    const [own = ""] = states(state);
    const elsewhere = stateFolder();
    await withHost(fileOf("other"), elsewhere, ({ say }) => say("", { ...parts(text(1)), maxTokens: 1 }));
    const [foreign = ""] = states(elsewhere);
    rmSync(own);
    copyFileSync(foreign, join(dirname(own), foreign.slice(dirname(foreign).length + 1)));
    expect(await reusedOf(state, 1)).toBe(0);
  });

  test("is for its owner alone", async () => {
    const state = await saved(1);
    for (const file of states(state)) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
      expect(statSync(dirname(dirname(file))).mode & 0o777).toBe(0o700);
    }
  });

  test("is not kept where its folder is a file, and the answer is the same", async () => {
    const state = stateFolder();
    mkdirSync(state);
    writeFileSync(join(state, "prefixes"), "mine");
    await withHost(fileOf("llama"), state, async ({ say }) => {
      expect((await say(text(1))).text).toBe(await cold(fileOf("llama"), text(1)));
    });
    expect(readFileSync(join(state, "prefixes"), "utf8")).toBe("mine");
  });

  test("is not kept where what is known of files is none of ours, until it is known anew", async () => {
    const state = stateFolder();
    mkdirSync(state);
    writeFileSync(join(state, "weights.json"), '{"a":');
    await withHost(fileOf("llama"), state, ({ say }) => say(text(1)));
    expect(states(state)).toHaveLength(1);
  });

  test("leaves when all are too large together, the one that was not used for longest first", async () => {
    const root = stateFolder();
    const one = 300 * 1024;
    const store = new PrefixStore(root, "key", () => 2.9 * one);
    await using chat = await chatBench(fileOf("llama"), { sequences: 1, store });
    const names = (): string[] => readdirSync(join(root, "key")).toSorted();
    await chat.say(text(1), { maxTokens: 1 });
    await chat.model.loop.saveAll();
    const [first = ""] = names();
    const size = statSync(join(root, "key", first)).size;
    expect(size).toBeGreaterThan(one * 0.9);
    utimesSync(join(root, "key", first), new Date(1000), new Date(1000));
    for (const number of [2, 3, 4]) await chat.say(text(number), { maxTokens: 1 });
    await chat.model.loop.saveAll();
    expect(names()).not.toContain(first);
    const bytes = names().reduce((sum, name) => sum + statSync(join(root, "key", name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(2.9 * one);
    expect(bytes).toBeGreaterThan(0);
  });

  test("is shared by two hosts that save and restore at the same time", async () => {
    const state = stateFolder();
    const expected = await Promise.all([1, 2, 3, 4, 5].map((number) => cold(fileOf("llama"), `${text(number)} so`)));
    for (let round = 0; round < 2; round++) {
      await Promise.all(
        [0, 1].map((host) =>
          withHost(fileOf("llama"), state, async ({ say }) => {
            for (const number of [1, 2, 3, 4, 5]) {
              const front = [{ kind: "control" as const, text: text(number) }];
              const prompt = [...front, { kind: "control" as const, text: " so" }];
              const { text: answer } = await say("", { front, prompt });
              expect({ host, number, answer }).toEqual({ host, number, answer: expected[number - 1] });
            }
          }),
        ),
      );
    }
    expect(readdirSync(dirname(states(state)[0] ?? "")).filter((name) => !name.endsWith(".state"))).toEqual([]);
  });
});
