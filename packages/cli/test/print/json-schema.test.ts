import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  callTool,
  type FakeOpenAiServer,
  fakeOpenAiServer,
  say,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

const schema = {
  type: "object",
  properties: { version: { type: "string", maxLength: 20 }, stable: { type: "boolean" } },
  required: ["version"],
};

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(async () => {
  buildProgram();
  home = await scratchHome();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  workspace = await temporaryWorkspace({
    "package.json": '{ "version": "2.4.1" }\n',
    "answer.json": JSON.stringify(schema),
  });
});
afterEach(() => workspace[Symbol.asyncDispose]());

const run = (args: readonly string[]): Promise<Finished> => trust(args, { home, cwd: workspace.path });
const ask = (server: FakeOpenAiServer, ...more: string[]): Promise<Finished> =>
  run(["-p", "which version?", "--json-schema", "answer.json", "-m", server.url, ...more]);

/** As servers do that know nothing of schemas: the model is asked in words. */
const withoutSchemas = {
  refuses: (body: Record<string, unknown>) => ("response_format" in body ? "response_format is not known" : undefined),
};

const look = callTool("read_file", { path: "package.json" });

describe("trust -p --json-schema", () => {
  test("looks with its tools, and writes nothing but the value", async () => {
    await using server = await fakeOpenAiServer(
      [look, say("It is 2.4.1."), say(' {"version": "2.4.1"} ')],
      withoutSchemas,
    );
    const { status, stdout, stderr } = await ask(server);
    expect([status, stdout, stderr]).toEqual([0, '{"version": "2.4.1"}\n', ""]);
  });

  test("asks no second time for an answer that fits", async () => {
    await using server = await fakeOpenAiServer([say('{\n  "version": "2.4.1"\n}')]);
    const { status, stdout } = await ask(server);
    expect([status, stdout]).toEqual([0, '{\n  "version": "2.4.1"\n}\n']);
  });

  test("gives the value beside the text with --output-format json", async () => {
    await using server = await fakeOpenAiServer([look, say("It is 2.4.1.")]);
    const { stdout } = await ask(server, "--output-format", "json");
    expect(parseUnknownJson(stdout, "stdout")).toEqual({
      text: '{"version":"a"}',
      calls: [expect.objectContaining({ name: "read_file", status: "ok" })],
      usage: expect.objectContaining({ outputTokens: expect.any(Number) }),
      sessionId: expect.stringMatching(/^[a-z0-9]+$/),
      reason: "done",
      value: { version: "a" },
    });
  });

  test("says the value as the last message with stream-json", async () => {
    await using server = await fakeOpenAiServer([say("It is 2.4.1.")]);
    const { stdout } = await ask(server, "--output-format", "stream-json");
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => parseUnknownJson(line, "a line") as { type: string });
    expect(events.filter(({ type }) => type === "message").at(-1)).toMatchObject({
      message: { role: "assistant", text: '{"version":"a"}' },
    });
    expect(events.at(-1)?.type).toBe("turn-end");
  });

  test("fails, and writes no answer, when the model gives no such value twice", async () => {
    await using server = await fakeOpenAiServer([say("2.4.1"), say("Two."), say('{"version":2}')], withoutSchemas);
    const { status, stdout, stderr } = await ask(server);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "The model's answer does not fit the schema: version: must be string; got 2.\n" +
        "  ask for less, make the schema simpler, or choose a stronger model (-m)\n",
    );
  });

  test("writes controls in a value as escapes, so that it stays the same value", async () => {
    const version = "2\u009b31m\u202e4\u{e0041}ü";
    await using server = await fakeOpenAiServer([say(JSON.stringify({ version }))]);
    const { stdout } = await ask(server);
    expect(stdout).toBe(String.raw`{"version":"2\u009b31m\u202e4\udb40\udc41ü"}` + "\n");
    expect(parseUnknownJson(stdout, "stdout")).toEqual({ version });
  });

  test("holds the built-in model to the schema", async () => {
    const { status, stdout } = await run([
      "-p",
      "What is the version in package.json?",
      "--json-schema",
      "answer.json",
    ]);
    expect(status).toBe(0);
    expect(parseUnknownJson(stdout, "stdout")).toMatchObject({ version: expect.any(String) });
  });
});

describe("a schema that is no use", () => {
  const hint =
    '  name a file that holds one JSON Schema, such as {"type":"object","properties":{"ok":{"type":"boolean"}}}\n';

  test.each([
    ["a missing file", undefined, "No such file: bad.json."],
    ["no JSON", '{"type":', "bad.json is not valid JSON: Unexpected end of JSON input."],
    ["no object", "[]", "bad.json holds no JSON object."],
    ["no JSON Schema", '{"type":"thing"}', "bad.json is no JSON Schema that can be used: "],
    ["a reference to elsewhere", '{"$ref":"https://example.org/x"}', "bad.json is no JSON Schema that can be used: "],
  ])("is refused before anything is asked: %s", async (_what, content, message) => {
    if (content !== undefined) await workspace.write("bad.json", content);
    const { status, stdout, stderr } = await run(["-p", "go", "--json-schema", "bad.json", "-m", "http://127.0.0.1:9"]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr.slice(0, message.length)).toBe(message);
    expect(stderr.endsWith(hint)).toBe(true);
  });

  test("is one without -p", async () => {
    const { status, stderr } = await run(["--json-schema", "answer.json"]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      '--json-schema is for answers that are printed.\n  trust -p "your question" --json-schema FILE\n',
    );
  });
});
