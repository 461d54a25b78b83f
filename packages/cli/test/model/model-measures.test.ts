import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  callTool,
  type FakeOllamaServer,
  fakeOllamaServer,
  fakeOpenAiServer,
  say,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, startTrust, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
let ollama: FakeOllamaServer;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
  ollama = await fakeOllamaServer([callTool("read_file", { path: "README.md" })], {
    models: [{ name: "qwen3:8b", sizeBytes: 5.2e9, contextLength: 40_960 }],
    library: { tiny: [4_000_000, 1_000_000] },
  });
});
afterEach(async () => {
  await home[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
  await ollama[Symbol.asyncDispose]();
});

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  trust(args, { home, cwd: workspace.path, env: { OLLAMA_HOST: ollama.url, ...env } });

async function json(args: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
  const { stdout } = await run([...args, "--json"], env);
  return parseUnknownJson(stdout, "stdout");
}

describe("trust model probe", () => {
  test("measures the model in use, and show tells what came of it", async () => {
    const measured = { callSuccess: 1 / 12, parallelCalls: false, dialect: { id: "native", origin: "server" } };
    expect(await json(["model", "probe", "-m", "ollama/qwen3:8b"])).toMatchObject(measured);
    const { stdout } = await run(["model", "show", "ollama/qwen3:8b"]);
    expect(stdout).toMatch(
      /measured +1 of 12 probes right \(8 %\), \d{4}-\d\d-\d\d\nwrites calls as +native \(server\)\n/,
    );
    expect(await json(["model", "show", "ollama/qwen3:8b"])).toMatchObject({ capability: measured });
  });

  test("makes a model that calls wrongly keep to the core tools", async () => {
    const offered = async (): Promise<string> => {
      await run(["-p", "hello", "-m", "ollama/qwen3:8b", "--max-turns", "1"]);
      const { body } = ollama.requests.findLast(({ path }) => path === "/api/chat") ?? {};
      return JSON.stringify((body as { tools?: unknown } | undefined)?.tools);
    };
    const before = await offered();
    await run(["model", "probe", "-m", "ollama/qwen3:8b"]);
    const after = await offered();
    expect(before).toContain("todo");
    expect(after).not.toContain("todo");
    expect(after).toContain("read_file");
  });

  test("stores nothing when it is interrupted", async () => {
    await using slow = await fakeOpenAiServer([say("ok")], { delayMilliseconds: 200 });
    const running = startTrust(["model", "probe", "-m", slow.url], { home, cwd: workspace.path });
    while (!slow.requests.some(({ path }) => path === "/v1/chat/completions")) await new Promise(setImmediate);
    running.child.kill("SIGINT");
    expect((await running.finished).status).toBe(130);
    expect(await json(["model", "show", slow.url])).not.toHaveProperty("capability");
  });

  test("says when there is nothing to measure", async () => {
    const { status, stderr } = await run(["model", "probe", "-m", "http://127.0.0.1:9"]);
    expect([status, stderr]).toEqual([3, expect.stringContaining("does not answer")]);
  });
});

describe("trust model detect", () => {
  test("shows how long texts each model of a server takes", async () => {
    expect(await json(["model", "detect"])).toContainEqual({
      kind: "ollama",
      name: "Ollama",
      url: ollama.url,
      models: [
        {
          reference: "ollama/qwen3:8b",
          name: "qwen3:8b",
          sizeBytes: 5.2e9,
          contextSize: 16_384,
          trainedFor: 40_960,
          isRunning: false,
          local: true,
        },
      ],
    });
    const { stdout } = await run(["model", "detect"]);
    expect(stdout).toContain("  ollama/qwen3:8b  window 16,384 tokens, trained for 40,960 tokens\n");
  });
});

describe("trust model pull and unload", () => {
  test("have Ollama fetch a model and let it go again", async () => {
    expect((await run(["model", "pull", "ollama:tiny"])).stdout).toBe(
      "Pulled ollama/tiny (5 MB)\n  trust -m ollama/tiny\n",
    );
    expect(await json(["model", "unload", "ollama:tiny"])).toEqual({ model: "ollama/tiny", unloaded: false });
    await run(["-p", "hello", "-m", "ollama/tiny", "--max-turns", "1"]);
    expect((await run(["model", "unload", "ollama/tiny"])).stdout).toBe("Unloaded ollama/tiny\n");
  });

  test.each([
    [["model", "pull", "ollama:nothing"], 3, "has no model nothing"],
    [["--offline", "model", "pull", "ollama:tiny"], 4, "offline"],
    [["model", "pull", "nano"], 2, "trust kit pull"],
    [["model", "unload", "ollama:nothing"], 3, "has no model nothing"],
    [["model", "unload", "http://127.0.0.1:9/v1"], 2, "is in the memory of its server"],
  ])("%j ends with status %i", async (args, status, words) => {
    const finished = await run(args);
    expect([finished.status, finished.stderr]).toEqual([status, expect.stringContaining(words)]);
  });
});

describe("a model that dies", () => {
  test("is followed by the next one of the person's own order", async () => {
    await using other = await fakeOpenAiServer([say("Hello from the other one.")]);
    const env = { TRUST_FALLBACK_MODELS: `["http://127.0.0.1:9", "${other.url}"]` };
    const { status, stdout, stderr } = await run(["-p", "hello", "-m", "ollama/no-such-model"], env);
    expect([status, stdout]).toEqual([0, "Hello from the other one.\n"]);
    expect(stderr).toContain(`ollama/no-such-model cannot go on`);
  });

  test("is not followed by one elsewhere without consent", async () => {
    const env = { TRUST_FALLBACK_MODELS: '["https://models.example/v1"]' };
    const { status, stderr } = await run(["-p", "hello", "-m", "ollama/no-such-model"], env);
    expect([status, stderr]).toEqual([3, expect.stringContaining("trust config set fallback.remote true")]);
  });
});
