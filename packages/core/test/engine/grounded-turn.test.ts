import { describe, expect, test } from "vitest";

import { callTool, say } from "../../src/testing/index.ts";
import { called, eventModel, text } from "./event-model.ts";
import { ends, messages, ofType, results, turnBench } from "./turn-bench.ts";

const grounded = { profile: { grounded: true } } as const;
const read = (path: string) => callTool("read_file", { path });

describe("a model whose arguments are grounded", () => {
  test("may name what there is, as it is before each reply", async () => {
    const replies = [callTool("write_file", { path: "made.txt", content: "x" }), read("made.txt"), say("Done.")];
    await using bench = await turnBench(replies, grounded);
    await bench.ask("Make a file");
    const paths = bench.model.requests.map(({ candidates }) => candidates?.["read_file"]?.["path"]?.toSorted());
    expect(paths).toEqual([
      ["a.txt", "b.txt"],
      ["a.txt", "b.txt", "made.txt"],
      ["a.txt", "b.txt", "made.txt"],
    ]);
  });

  test("sees what a command made, although no result names it", async () => {
    const replies = [callTool("run_command", { command: "touch c$(echo .txt)" }), say("Done.")];
    await using bench = await turnBench(replies, grounded);
    await bench.ask("Go");
    expect(bench.model.requests.at(-1)?.candidates?.["read_file"]?.["path"]).toContain("c.txt");
  });

  test("is told the nearest paths when it names another all the same, and may then name one of them", async () => {
    await using bench = await turnBench([read("a.text"), read("a.txt"), say("Alpha.")], grounded);
    const events = await bench.ask("Read a");
    expect(results(events).map((result) => [result.status, result.text])).toEqual([
      ["failed", "error: there is no file a.text; did you mean a.txt?"],
      ["ok", "alpha"],
    ]);
    expect(ofType(events, "tool-start")).toHaveLength(1);
    expect(ends(events)).toMatchObject([{ reason: "done" }]);
  });

  test("does not lose a tool over paths that are not there", async () => {
    const wrong = ["c.txt", "d.txt", "e.txt", "f.txt"].map(read);
    await using bench = await turnBench([...wrong, read("a.txt"), say("Alpha.")], grounded);
    expect(results(await bench.ask("Go")).at(-1)).toMatchObject({ status: "ok", text: "alpha" });
    expect(new Set(bench.model.requests.map(({ toolChoice }) => toolChoice))).toEqual(new Set(["auto"]));
  });

  test("is not run in circles by a path that is not there", async () => {
    await using bench = await turnBench(
      [read("no.txt")].concat(Array.from({ length: 9 }, () => read("no.txt"))),
      grounded,
    );
    expect(ends(await bench.ask("Go"))).toMatchObject([{ reason: "repetition" }]);
  });

  test("can still say in words that there is no such file", async () => {
    await using bench = await turnBench([say("There is no c.txt here.")], grounded);
    expect(messages(await bench.ask("Read c.txt")).at(-1)?.text).toBe("There is no c.txt here.");
  });

  test("has the arguments that it chose so in the events and in the conversation", async () => {
    const model = eventModel([[called("read_file", { path: "a.txt" }, { grounded: ["path"] })], [text("Alpha.")]]);
    await using bench = await turnBench([], { model, ...grounded });
    const events = await bench.ask("Read a");
    expect(ofType(events, "call-end")).toMatchObject([{ call: { grounded: ["path"] } }]);
    expect(messages(events)[1]).toMatchObject({ calls: [{ grounded: ["path"] }] });
  });
});

test("other models name what they like, and the tool says what is wrong", async () => {
  await using bench = await turnBench([read("a.text"), say("No.")]);
  const events = await bench.ask("Read a");
  expect(bench.model.requests.map((request) => "candidates" in request)).toEqual([false, false]);
  expect(results(events)[0]?.text).toContain("no such file: a.text");
});
