import { existsSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { ModelRequest } from "../../src/ports/model.ts";
import {
  callTool,
  fail,
  manualClock,
  say,
  saySlowly,
  scriptedModel,
  type ScriptStep,
  temporaryWorkspace,
  think,
  wait,
} from "../../src/testing/index.ts";
import { describeModelPort, type ModelScenario } from "../../src/testing/model-port-suite.ts";

export function scriptOf({ text, calls = [], slow, fails }: ModelScenario): ScriptStep[] {
  return [
    ...(text === undefined ? [] : [slow === true ? saySlowly(text.repeat(1000), 50) : say(text)]),
    ...calls.map(({ name, args }) => callTool(name, args)),
    ...(fails === true ? [fail("the script broke")] : []),
  ];
}

describeModelPort("scripted", (scenario) => {
  // A script goes its own way, and has no window to fill.
  if (scenario.obeys === true || scenario.contextSize !== undefined) return Promise.resolve(undefined);
  const port = scriptedModel([scriptOf(scenario)], { repeat: true });
  return Promise.resolve({ port, dispose: () => Promise.resolve(port[Symbol.asyncDispose]()) });
});

const request: ModelRequest = {
  messages: [{ role: "user", text: "Go." }],
  tools: [],
  toolChoice: "auto",
  maxTokens: 10,
  sampling: {},
};

describe("the scripted model", () => {
  test("gives one reply a request, in order, and remembers the requests", async () => {
    const model = scriptedModel([[think("hm"), callTool("f", { a: 1 }, "id_1")], say("Done.")]);
    const first = await Array.fromAsync(model.stream(request, new AbortController().signal));
    const second = await Array.fromAsync(model.stream(request, new AbortController().signal));
    expect(first[0]).toEqual({ type: "thought-delta", delta: "hm" });
    expect(first).toContainEqual(expect.objectContaining({ call: expect.objectContaining({ id: "id_1" }) as unknown }));
    expect(second[0]).toEqual({ type: "text-delta", delta: "Done" });
    expect(model.requests).toEqual([request, request]);
    expect(() => model.stream(request, new AbortController().signal)).toThrow(/one more was asked for/);
  });

  test("waits until it is aborted", async () => {
    const signal = AbortSignal.timeout(20);
    const events = await Array.fromAsync(scriptedModel([[say("a"), wait(), say("b")]]).stream(request, signal));
    expect(events.map((event) => (event.type === "finish" ? event.reason : event.type))).toEqual([
      "text-delta",
      "abort",
    ]);
  });
});

describe("test helpers", () => {
  test("a temporary workspace holds its files until it is disposed", async () => {
    let path: string;
    {
      await using workspace = await temporaryWorkspace({ "src/a.ts": "one" });
      await workspace.write("src/deep/b.ts", "two");
      expect([await workspace.read("src/a.ts"), await workspace.read("src/deep/b.ts")]).toEqual(["one", "two"]);
      ({ path } = workspace);
    }
    expect(existsSync(path)).toBe(false);
  });

  test("a manual clock moves only when told to", () => {
    const clock = manualClock(1000);
    clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([1250, 250]);
  });
});
