import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ModelEvent } from "../../../src/protocol/index.ts";
import { scriptedGguf, type TemporaryWorkspace, temporaryWorkspace } from "../../../src/testing/index.ts";
import { countingChunks, finishOf, hostEntry, ofType, openModel, replyTo, request, textOf } from "./llama-bench.ts";
import { sharedRig, type SharedRig } from "./shared-host-bench.ts";

const chunks = countingChunks(120);
const whole = chunks.join("");
const longQuestion = (number: number): string =>
  `Question ${number}. ${"Read all of this, word for word. ".repeat(80)}`;

let folder: TemporaryWorkspace;
let path: string;
beforeAll(async () => {
  folder = await temporaryWorkspace();
  path = join(folder.path, "counting.gguf");
  await scriptedGguf(path, { replies: { first: chunks }, contextLength: 4096 });
});
afterAll(() => folder[Symbol.asyncDispose]());

let nextState = 0;

/** A place for a shared host, with a folder for its states that is prepared by `prepare`. */
async function rigWithStates(
  prepare: (state: string) => void = () => undefined,
): Promise<SharedRig & { state: string }> {
  const rig = await sharedRig({ args: hostEntry.args });
  const state = join(folder.path, `state${nextState++}`);
  prepare(state);
  rig.entry.stateDirectory = state;
  return { ...rig, state };
}

describe.each<[NodeJS.Signals, "prefill" | "text-delta"]>([
  ["SIGABRT", "prefill"],
  ["SIGKILL", "text-delta"],
])("a host that is ended by %s at a %s", (signal, moment) => {
  test("is one event for each of its clients, and all go on in one new host", async () => {
    await using rig = await rigWithStates();
    const models = [1, 2, 3].map(() => openModel(path, { entry: rig.entry }));
    await using _all = {
      [Symbol.asyncDispose]: async () => void (await Promise.all(models.map((one) => one[Symbol.asyncDispose]()))),
    };
    let isEnded = false;
    const watch = (event: ModelEvent): void => {
      if (isEnded || event.type !== moment) return;
      isEnded = true;
      process.kill(models[0]?.hostPid ?? 0, signal);
    };
    const replies = await Promise.all(
      models.map((model, index) => replyTo(model, request(longQuestion(index), { maxTokens: 400 }), { watch })),
    );
    for (const events of replies) {
      expect(ofType(events, "model-restart")).toHaveLength(1);
      expect(textOf(events)).toBe(whole);
      expect(finishOf(events)).toMatchObject({ reason: "stop" });
    }
    expect(rig.started()).toHaveLength(2);
    expect(new Set(models.map(({ hostPid }) => hostPid))).toEqual(new Set([rig.started()[1]]));
  });
});

const filesIn = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" });

const withSystemText = (number: number): ReturnType<typeof request> => {
  const asked = request("Count.");
  return { ...asked, messages: [{ role: "system", text: longQuestion(number) }, ...asked.messages] };
};

describe("a folder for states", () => {
  const garbage = (state: string): void => {
    mkdirSync(join(state, "prefixes", "0".repeat(32)), { recursive: true });
    const name = `300-${"a".repeat(32)}-${"b".repeat(32)}.state`;
    for (const file of [
      "weights.json",
      "threads.json",
      "gpu-loads.json",
      "prefixes/stray",
      `prefixes/${"0".repeat(32)}/${name}`,
    ]) {
      writeFileSync(join(state, file), '{"half":');
    }
  };

  test.each<[string, (state: string) => void]>([
    ["holds garbage", garbage],
    ["is a file", (state) => writeFileSync(state, "mine")],
  ])("that %s stops nothing", async (_, prepare) => {
    await using rig = await rigWithStates(prepare);
    for (let time = 0; time < 2; time++) {
      await using model = openModel(path, { entry: rig.entry });
      const events = await replyTo(model, request(longQuestion(1), { maxTokens: 400 }));
      expect(textOf(events)).toBe(whole);
    }
    expect(rig.started()).toHaveLength(1);
  });

  test("holds nothing broken after a host that was killed while it saved", async () => {
    await using rig = await rigWithStates((state) => mkdirSync(state));
    await using model = openModel(path, { entry: rig.entry });
    let isKilled = false;
    const poll = setInterval(() => {
      if (isKilled || !filesIn(rig.state).some((name) => name.includes("draft-"))) return;
      isKilled = true;
      process.kill(model.hostPid ?? 0, "SIGKILL");
    }, 1);
    // A long system text is saved as soon as it is read, or when nothing was asked for a while. A file that is there
    // for milliseconds may be missed: then another text is.
    let asked = withSystemText(7);
    for (let round = 8; !isKilled && round < 16; round++) {
      asked = withSystemText(round);
      expect(textOf(await replyTo(model, asked))).toBe(whole);
      for (let waited = 0; !isKilled && waited < 25; waited++) await sleep(100);
    }
    clearInterval(poll);
    expect(isKilled).toBe(true);
    expect(textOf(await replyTo(model, asked))).toBe(whole);
    expect(
      filesIn(rig.state)
        .filter((name) => name.endsWith(".state"))
        .every((name) => /\/\d+-[0-9a-f]{32}-[0-9a-f]{32}\.state$/.test(name)),
    ).toBe(true);
  });
});
