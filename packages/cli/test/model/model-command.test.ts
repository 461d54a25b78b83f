import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import {
  type FakeOllamaServer,
  fakeOllamaServer,
  fakeOpenAiServer,
  say,
  scriptedGguf,
  type TemporaryWorkspace,
  temporaryWorkspace,
} from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
let ollama: FakeOllamaServer;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
  ollama = await fakeOllamaServer([say("Hello from Ollama.")], {
    models: [
      { name: "qwen3:8b", sizeBytes: 5.2e9, contextLength: 40_960 },
      { name: "talker:latest", capabilities: ["completion"] },
      { name: "big-cloud:latest", remoteHost: "https://ollama.com:443" },
    ],
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

const settings = (): string => readFileSync(join(home.folder, "config", "config.yaml"), "utf8");

/** A model file where they are looked for. */
async function putModel(name: string): Promise<string> {
  const folder = join(home.folder, "data", "models");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  await scriptedGguf(path, { replies: { first: ["Hi."] }, contextLength: 2048 });
  return path;
}

describe("trust model use", () => {
  test("refuses what would not answer: an unknown model of a server, and one that runs elsewhere when offline", async () => {
    await using server = await fakeOpenAiServer([], { models: [{ id: "one" }, { id: "two" }] });
    const unknown = await run(["model", "use", `${server.url}#three`]);
    expect([unknown.status, unknown.stderr]).toEqual([3, expect.stringContaining("it has one, two")]);
    expect((await run(["model", "use", `${server.url}#two`])).status).toBe(0);
    const elsewhere = await run(["--offline", "model", "use", "ollama/big-cloud"]);
    expect([elsewhere.status, elsewhere.stderr]).toEqual([4, expect.stringContaining("offline")]);
  });

  test("knows that this machine has several names", async () => {
    const { port } = new URL(ollama.url);
    const listed = (await json(["model", "list"], { OLLAMA_HOST: `localhost:${port}` })) as { reference: string }[];
    expect(listed.filter(({ reference }) => reference.includes("qwen3")).length).toBe(1);
  });
});

describe("trust model list", () => {
  test("shows what is built in, on disk and at Ollama, and what is in use", async () => {
    const path = await putModel("scripted-F16.gguf");
    writeFileSync(join(home.folder, "data", "models", "broken.gguf"), "no model");
    const { status, stdout } = await run(["model", "list", "-m", "ollama/qwen3:8b"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^built in {4}nano +6 MB +4k\n/);
    expect(stdout).toMatch(/on disk {5}\S+broken\.gguf .*cannot be loaded\n/);
    expect(stdout).toContain(`${path}     2 MB     2k\n`);
    expect(stdout).toMatch(/\nollama {4}› ollama\/qwen3:8b +5\.2 GB\n/);
    expect(stdout).toMatch(/ollama\/big-cloud:latest +text leaves this machine\n/);
  });

  test("is one JSON value on demand, also when there is nothing but the built-in model", async () => {
    const models = await json(["model", "list"], { OLLAMA_HOST: "127.0.0.1:9" });
    expect(models).toContainEqual(
      expect.objectContaining({ reference: "nano", group: "built in", contextSize: 4096, local: true, inUse: true }),
    );
  });

  test("is there although OLLAMA_HOST or the settings are wrong", async () => {
    const { status, stdout } = await run(["model", "list"], { OLLAMA_HOST: "no address", TRUST_MODE: "nonsense" });
    expect([status, stdout]).toEqual([0, expect.stringContaining("built in  › nano")]);
  });
});

describe("trust model show", () => {
  test("knows the built-in model by default", async () => {
    const { status, stdout } = await run(["model", "show"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^model +nano\n/);
    expect(stdout).toMatch(
      /trained for +4,096 tokens\n.*chat template +yes\n.*treated as +nano\n.*place +this machine\n$/s,
    );
  });

  test("reads a file's header, and says when it is none", async () => {
    const path = await putModel("a.gguf");
    expect(await json(["model", "show", path])).toMatchObject({
      name: "scripted",
      kind: "file",
      architecture: "llama",
      trainedFor: 2048,
      hasTemplate: true,
      profile: "tiny",
      local: true,
    });
    writeFileSync(path, "no model");
    expect(await json(["model", "show", path])).toMatchObject({ error: { code: "MODEL_INVALID" } });
  });

  test("asks Ollama without loading the model", async () => {
    const { stdout } = await run(["model", "show", "ollama/talker"]);
    expect(stdout).toMatch(/parameters +1\.2B, Q4_K_M\n.*window +16,384 tokens\n.*calls tools +in its text\n/s);
    expect(ollama.requests.map(({ path }) => path)).not.toContain("/api/chat");
  });

  test("says when text leaves this machine", async () => {
    expect(await json(["model", "show", "ollama/big-cloud"])).toMatchObject({ local: false });
  });
});

describe("trust model use", () => {
  test("stores a model that answers, and the next question goes to it", async () => {
    const { status, stdout } = await run(["model", "use", "ollama/qwen3:8b"]);
    expect([status, stdout]).toEqual([0, `model = ollama/qwen3:8b in ${join(home.folder, "config", "config.yaml")}\n`]);
    expect((await run(["-p", "hello"])).stdout).toBe("Hello from Ollama.\n");
  });

  test("stores a file's whole path", async () => {
    const path = await putModel("a.gguf");
    await trust(["model", "use", "a.gguf"], { home, cwd: join(home.folder, "data", "models") });
    expect(settings()).toContain(`model: ${path}`);
  });

  test.each([
    ["ollama/nothing", 3, "MODEL_MISSING", "ollama pull nothing"],
    ["missing.gguf", 3, "MODEL_MISSING", "trust -m nano"],
    ["ollama/", 2, "USAGE", "ollama list"],
    ["http://127.0.0.1:9", 3, "MODEL_UNREACHABLE", "start the server"],
  ])("changes nothing when %s does not answer", async (reference, status, code, hint) => {
    const finished = await run(["model", "use", reference, "--json"]);
    expect(finished.status).toBe(status);
    expect(parseUnknownJson(finished.stdout, "stdout")).toMatchObject({
      error: { code, hint: expect.stringContaining(hint) as unknown },
    });
    expect(() => settings()).toThrow("ENOENT");
  });

  test("says when text then leaves this machine, and refuses that offline", async () => {
    expect((await run(["model", "use", "ollama/big-cloud"])).stdout).toContain("Text leaves this machine with it.");
    const offline = await run(["model", "use", "ollama+http://gpu.example:11434/qwen3", "--offline"]);
    expect([offline.status, offline.stderr]).toEqual([4, expect.stringContaining("offline mode is on")]);
  });

  test("says when something else decides all the same", async () => {
    const { stderr } = await run(["model", "use", "ollama/qwen3:8b"], { TRUST_MODEL: "nano" });
    expect(stderr).toContain("Here nano is used all the same: trust config explain model");
  });
});

describe("a question to Ollama", () => {
  test("ends with the reply, and says what is different about the model", async () => {
    const { status, stdout, stderr } = await run(["-p", "hello", "-m", "ollama/talker"]);
    expect([status, stdout]).toEqual([0, "Hello from Ollama.\n"]);
    expect(stderr).toContain("no way to give talker tools");
  });

  test("ends with status 3 and the next step when Ollama is not there", async () => {
    const { status, stderr } = await run(["-p", "hello", "-m", "ollama/qwen3"], { OLLAMA_HOST: "127.0.0.1:9" });
    expect(status).toBe(3);
    expect(stderr).toBe("No Ollama answers at 127.0.0.1:9: the connection was refused.\n  ollama serve\n");
  });

  test("does not follow OLLAMA_HOST to another machine unasked", async () => {
    const { status, stderr } = await run(["-p", "hello", "-m", "ollama/qwen3"], { OLLAMA_HOST: "gpu.example" });
    expect(status).toBe(4);
    expect(stderr).toContain("trust -m ollama+http://gpu.example:11434/qwen3");
  });
});
