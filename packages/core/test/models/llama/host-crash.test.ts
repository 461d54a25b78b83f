import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ModelEvent } from "../../../src/protocol/index.ts";
import {
  chunked,
  countingChunks,
  finishOf,
  gone,
  never,
  ofType,
  replyTo,
  request,
  type ScriptedLlama,
  scriptedLlama,
  textOf,
} from "./llama-bench.ts";

const chunks = countingChunks(250);
const whole = chunks.join("");
const longQuestion = "Read all of this, word for word, and then go on. ".repeat(60);

let scripted: ScriptedLlama;
beforeAll(async () => {
  scripted = await scriptedLlama({ replies: { first: chunks }, contextLength: 8192 });
});
afterAll(() => scripted[Symbol.asyncDispose]());

function kill(signal: NodeJS.Signals): void {
  const { hostPid } = scripted.model;
  if (hostPid === undefined) throw new Error("no host runs");
  process.kill(hostPid, signal);
}

/** Does something once, at the first event that is `wanted`. */
function atFirst(wanted: (event: ModelEvent) => boolean, act: () => void): (event: ModelEvent) => void {
  let done = false;
  return (event) => {
    if (done || !wanted(event)) return;
    done = true;
    act();
  };
}

describe("a model host that dies", () => {
  test("in mid-reply is started again, and the text goes on without a gap or a repetition", async () => {
    let heard = "";
    const watch = atFirst(
      (event) => {
        if (event.type === "text-delta") heard += event.delta;
        return heard.length > 150;
      },
      () => kill("SIGKILL"),
    );
    const before = scripted.model.hostPid;
    const events = await replyTo(scripted.model, request("Count."), { watch });
    expect(textOf(events)).toBe(whole);
    expect(ofType(events, "model-restart")).toMatchObject([{ reason: expect.stringContaining("was killed") }]);
    expect(finishOf(events)).toMatchObject({ reason: "stop", usage: { outputTokens: chunks.length } });
    expect(scripted.model.hostPid).not.toBe(before);
  });

  test("a third time ends the reply with an error in words", async () => {
    const killed = new Set<number | undefined>();
    const watch = (event: ModelEvent): void => {
      if (event.type !== "text-delta" || killed.has(scripted.model.hostPid)) return;
      killed.add(scripted.model.hostPid);
      kill("SIGKILL");
    };
    const events = await replyTo(scripted.model, request("Count."), { watch });
    expect(ofType(events, "model-restart")).toHaveLength(2);
    expect(finishOf(events)).toMatchObject({ reason: "error", error: { code: "HOST_CRASHED" } });
    expect(whole.startsWith(textOf(events))).toBe(true);
  });

  test("while it reads the prompt is started again", async () => {
    await scripted.model.describe(never());
    const watch = atFirst(
      ({ type }) => type === "prefill",
      () => kill("SIGKILL"),
    );
    const events = await replyTo(scripted.model, request(longQuestion), { watch });
    expect(ofType(events, "model-restart")).toHaveLength(1);
    expect(textOf(events)).toBe(whole);
  });

  test("counts the tokens of both lives against the limit of the reply", async () => {
    const watch = atFirst(
      ({ type }) => type === "text-delta",
      () => kill("SIGKILL"),
    );
    const events = await replyTo(scripted.model, request("Count.", { maxTokens: 100 }), { watch });
    expect(ofType(events, "model-restart")).toHaveLength(1);
    expect(textOf(events)).toBe(chunks.slice(0, 100).join(""));
    expect(finishOf(events)).toMatchObject({ reason: "length", usage: { outputTokens: 100 } });
  });
});

test("a model host that hangs is noticed by its silence, killed and replaced", async () => {
  await using hanging = await scriptedLlama({ replies: { first: chunks } }, { missedBeats: 4 });
  let pid: number | undefined;
  const watch = atFirst(
    ({ type }) => type === "text-delta",
    () => {
      pid = hanging.model.hostPid;
      if (pid !== undefined) process.kill(pid, "SIGSTOP");
    },
  );
  const events = await replyTo(hanging.model, request("Count."), { watch });
  expect(textOf(events)).toBe(whole);
  expect(ofType(events, "model-restart")).toMatchObject([{ reason: expect.stringContaining("did not answer for 4") }]);
  expect(await gone(pid)).toBe(true);
});

test("a host that cannot be started is not tried again, and ends the reply with an error in words", async () => {
  const entry = { command: "/nonexistent/node", args: [] };
  await using broken = await scriptedLlama({ replies: { first: chunked("Never said.") } }, { entry });
  const events = await replyTo(broken.model, request("Count."));
  expect(ofType(events, "model-restart")).toEqual([]);
  expect(finishOf(events)).toMatchObject({ reason: "error", error: { code: "HOST_CRASHED", hint: "trust doctor" } });
});
