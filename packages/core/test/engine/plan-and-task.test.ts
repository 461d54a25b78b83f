import { expect, test } from "vitest";

import { callTool, say } from "../../src/testing/index.ts";
import { ends, ofType, results, turnBench } from "./turn-bench.ts";

test("a plan is told whole, each time it changes", async () => {
  const items = (first: string, second: string) => [
    { text: "read", status: first },
    { text: "write", status: second },
  ];
  await using bench = await turnBench([
    callTool("plan", { items: items("in_progress", "pending") }),
    callTool("plan", { items: items("completed", "completed") }),
    say("Done."),
  ]);
  const events = await bench.ask("Do both");
  expect(ofType(events, "plan").map((event) => event.items)).toEqual([
    items("in_progress", "pending"),
    items("completed", "completed"),
  ]);
  expect(results(events).map(({ text }) => text)).toEqual(["0 of 2 done; next: read", "2 of 2 done"]);
});

const task = (prompt: string, id?: string) => callTool("task", { prompt }, id);

test("a helper has a conversation of its own, of which only the answer comes back", async () => {
  await using bench = await turnBench(
    [task("find alpha"), callTool("read_file", { path: "a.txt" }), say("alpha is in a.txt:1"), say("It is there.")],
    { delegates: true },
  );
  const events = await bench.ask("Where is alpha?");
  expect(results(events)).toMatchObject([
    { name: "task", status: "ok", text: "alpha is in a.txt:1", summary: "1 call" },
  ]);
  const [, helper, , last] = bench.model.requests;
  expect(helper?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
  expect(helper?.messages[1]?.text).toMatch(/Only look, change nothing[\s\S]*find alpha/);
  expect(last?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool"]);
  expect(ofType(events, "tool-delta").map(({ delta }) => delta)).toEqual(["read_file a.txt\n"]);
});

test("a helper can only look, and hand nothing on", async () => {
  await using bench = await turnBench(
    [task("change a.txt"), callTool("write_file", { path: "a.txt", content: "x" }), say("I could not."), say("No.")],
    { delegates: true },
  );
  await bench.ask("Change it");
  const offered = bench.model.requests[1]?.tools.map(({ name }) => name) ?? [];
  expect(offered).toContain("read_file");
  for (const name of ["task", "plan", "write_file", "run_command"]) expect(offered).not.toContain(name);
  expect(await bench.workspace.read("a.txt")).toBe("alpha\n");
});

test("tokens of a helper count for the turn", async () => {
  await using bench = await turnBench([task("look"), say("seen"), say("Done.")], { delegates: true });
  const [end] = ends(await bench.ask("Look"));
  await using alone = await turnBench([callTool("read_file", { path: "a.txt" }), say("Done.")]);
  const [other] = ends(await alone.ask("Look"));
  expect(end?.usage.outputTokens).toBeGreaterThan(other?.usage.outputTokens ?? 0);
});

test("a helper that does not finish says why, with what it had", async () => {
  const reading = callTool("read_file", { path: "a.txt" });
  await using bench = await turnBench([task("look"), reading, reading, reading, say("Then not.")], {
    delegates: true,
    limits: { steps: 2 },
  });
  const [result] = results(await bench.ask("Look"));
  expect(result).toMatchObject({ status: "failed" });
  expect(result?.text).toContain("it took too many steps");
});

test("two helpers work one after the other", async () => {
  const seen: string[] = [];
  await using bench = await turnBench(
    [[task("first", "1"), task("second", "2")], say("one"), say("two"), say("Both.")],
    { delegates: true },
  );
  const events = await bench.ask("Both");
  for (const { messages } of bench.model.requests.slice(1, 3)) seen.push(messages[1]?.text.split("\n").at(-1) ?? "");
  expect(seen).toEqual(["first", "second"]);
  expect(results(events).map(({ text }) => text)).toEqual(["one", "two"]);
});
