import { type Result, ok, failure, TrustError } from "@trust-cli/core/protocol";
import { toolSignature } from "@trust-cli/core/tools";
import { PluginManifest } from "@trust-cli/plugins/manifest";
import { pluginTools, type PluginTool } from "@trust-cli/plugins/tools";
import { describe, expect, test } from "vitest";

const manifest = PluginManifest.parse({
  manifestVersion: 1,
  id: "notes",
  version: "1.0.0",
  license: "MIT",
  engine: { sdk: 1 },
  runtime: "isolate",
  entry: "index.js",
  contributes: {
    tools: [
      {
        name: "note_read",
        description: "Read a note",
        inputSchema: { type: "object", properties: { number: { type: "integer" }, title: { type: "string" } } },
        annotations: { readOnly: true },
        maxResultBytes: 100,
      },
      {
        name: "note_add",
        description: "Add a note",
        inputSchema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
      },
    ],
  },
});

function tools(result: Result<unknown>): [PluginTool, PluginTool] {
  const limits = { resultLines: 3, resultBytes: 1000 };
  const [read, add] = pluginTools(manifest, limits, (call) => {
    call.onLog("a line");
    return Promise.resolve(result);
  });
  if (read === undefined || add === undefined) throw new Error("two tools were expected");
  return [read, add];
}

async function run(tool: PluginTool, output: string[] = []): Promise<{ status: string; text: string }> {
  const signal = new AbortController().signal;
  const prepared = await tool.prepare({ title: "a" }, signal);
  if (!prepared.ok) throw prepared.error;
  return prepared.value.run(signal, (delta) => output.push(delta));
}

describe("a plugin's tool", () => {
  test("is one that the engine knows: signature, risk and origin", () => {
    const [read, add] = tools(ok(1));
    expect(read).toMatchObject({ risk: "read", origin: "plugin notes" });
    expect(add.risk).toBe("change");
    expect(toolSignature(add)).toEqual({
      name: "note_add",
      description: "Add a note",
      parameters: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
    });
    expect(add.input.safeParse({}).success).toBe(false);
  });

  test("is named by its first argument that is text", () => {
    const [read] = tools(ok(1));
    expect(read.subject({ number: 1, title: "plan" })).toBe("plan");
    expect(read.subject({ number: 1 })).toBe("");
  });

  test.each(["README.md", "../../src/app.ts", "/etc/passwd", "", "a/../../b"])(
    "that changes something never shares a session's yes with files: %j",
    (title) => {
      const [, add] = tools(ok(1));
      expect(add.subject({ title })).toMatch(/^note_add\//);
      expect(add.subject({ title })).not.toContain("..");
    },
  );

  test("gives text as it is and other values as JSON, and streams its log", async () => {
    const output: string[] = [];
    expect(await run(tools(ok("one\ntwo"))[1], output)).toMatchObject({ status: "ok", text: "one\ntwo" });
    expect(await run(tools(ok({ a: 1 }))[1])).toMatchObject({ text: '{"a":1}' });
    expect(output).toEqual(["a line\n"]);
  });

  test("is cut at its own limit and at the model's, and says so", async () => {
    const [read, add] = tools(ok("é".repeat(600)));
    expect((await run(read)).text).toMatch(/^é{50}\n\.\.\. the rest was cut: the result has 1200 bytes$/);
    expect((await run(add)).text).toMatch(/^é{500}\n/);
    expect((await run(tools(ok("1\n2\n3\n4"))[1])).text).toMatch(/^1\n2\n3\n\.\.\. the rest/);
  });

  test("fails in words that the model can read", async () => {
    const failed = failure(new TrustError("PLUGIN_FAILED", "it broke", { hint: "Call it again" }));
    expect(await run(tools(failed)[1])).toMatchObject({ status: "failed", text: "error: it broke. Call it again" });
  });
});
