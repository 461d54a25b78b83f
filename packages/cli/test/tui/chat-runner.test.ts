import { expect, test } from "vitest";

import { ChatRunner } from "../../src/tui/chat-runner.ts";
import type { ChatController } from "../../src/tui/index.ts";
import { reduceView } from "../../src/tui/state/reduce.ts";
import { createStore } from "../../src/tui/state/store.ts";
import { createView } from "../../src/tui/state/view.ts";

const start = {
  version: "0.1.0",
  cwdLabel: "~/shop",
  branch: undefined,
  modelName: "nano",
  modelNote: "built in",
  mode: "ask",
  notices: [],
};

/** A chat with nothing but a model that loads in a blink and reports every percent of it. */
const controller: ChatController = {
  start,
  history: [],
  async warmUp(onLoad) {
    for (let percent = 1; percent <= 99; percent += 1) onLoad(percent / 100);
    return { name: "small", contextSize: 4096, note: "6 MB", local: true, notes: [] };
  },
  async *runTurn() {},
  decide: () => undefined,
  completeMention: async () => [],
  describeMentions: async () => [],
  command: {
    describeModel: () => "",
    listModels: async () => [],
    useModel: () => Promise.reject(new Error("no model")),
    describeProfiles: () => "",
    useProfile: () => Promise.reject(new Error("no profile")),
    useMode: async (mode) => mode,
    clear: async () => undefined,
    compact: async () => "",
    undo: async () => "",
    rewind: async () => ({ text: "", isShorter: false }),
  },
  inputHistory: { load: async () => [], add: () => undefined },
};

test("a model that loads in a blink does not draw the screen for every percent", async () => {
  const store = createStore(reduceView, createView(start, []));
  const shown: (number | undefined)[] = [];
  store.subscribe(() => shown.push(store.current().model.loading));
  await new ChatRunner(controller, store).warmUp();
  expect(shown.length).toBeGreaterThanOrEqual(2);
  expect(shown.length).toBeLessThan(20);
  expect(shown.at(-1)).toBeUndefined();
  expect(store.current().model.name).toBe("small");
});
