import { setTimeout } from "node:timers/promises";

import { expect, test } from "vitest";

import { pacedReplies } from "../../../src/models/llama/host/listen-pace.ts";
import type { HostReply } from "../../../src/protocol/host.ts";

const text = (part: string, request = 1): HostReply => ({ type: "text", request, text: part });
const counted = (request = 1): HostReply => ({ type: "counted", request, tokens: 1 });

test("the first text goes at once, and what follows quickly goes together", async () => {
  const sent: HostReply[] = [];
  const send = pacedReplies((reply) => sent.push(reply));
  for (const part of ["a", "b", "c"]) send(text(part));
  expect(sent).toEqual([text("a")]);
  await setTimeout(60);
  expect(sent).toEqual([text("a"), text("bc")]);
});

test("every other reply comes behind the text before it, and waits for none of another request", () => {
  const sent: HostReply[] = [];
  const send = pacedReplies((reply) => sent.push(reply));
  for (const reply of [text("a"), text("b"), text("x", 2), text("y", 2), counted(), { type: "beat" } as const]) {
    send(reply);
  }
  expect(sent).toEqual([text("a"), text("x", 2), text("b"), counted(), { type: "beat" }]);
});
