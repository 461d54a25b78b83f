import fc from "fast-check";
import { expect, test } from "vitest";

import type { AssistantMessage, Message, ToolMessage } from "../../src/protocol/messages.ts";
import { missingResults } from "../../src/storage/index.ts";

const asking = (...ids: string[]): AssistantMessage => ({
  role: "assistant",
  text: "",
  calls: ids.map((id) => ({ id, name: `tool-${id}`, args: {}, raw: "", via: "parsed", repairs: [] })),
});
const result = (callId: string): ToolMessage => ({
  role: "tool",
  callId,
  name: `tool-${callId}`,
  status: "ok",
  text: "",
  summary: "",
});

test("a whole conversation misses nothing", () => {
  expect(missingResults([])).toEqual([]);
  expect(missingResults([{ role: "user", text: "hi" }])).toEqual([]);
  expect(missingResults([asking("1", "2"), result("2"), result("1")])).toEqual([]);
});

test("each call without a result gets one that says the effect is unknown", () => {
  const missing = missingResults([asking("1", "2", "3"), result("2")]);
  expect(missing.map(({ callId, name, status }) => [callId, name, status])).toEqual([
    ["1", "tool-1", "failed"],
    ["3", "tool-3", "failed"],
  ]);
  expect(missing[0]?.text).toContain("may or may not");
});

test("a result of an earlier reply with the same id does not count", () => {
  expect(missingResults([asking("1"), result("1"), asking("1")])).toHaveLength(1);
});

test("after the repair nothing is missing", () => {
  const id = fc.constantFrom("1", "2", "3");
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc.uniqueArray(id).map((ids) => asking(...ids)),
    id.map(result),
    fc.constant<Message>({ role: "user", text: "go on" }),
  );
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      expect(missingResults([...messages, ...missingResults(messages)])).toEqual([]);
    }),
  );
});
