import { createServer } from "node:net";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { callTool, fakeOpenAiServer, say, temporaryWorkspace, wait } from "@trust-cli/core/testing";
import { beforeAll, describe, expect, test } from "vitest";

import { buildProgram, type Finished, scratchHome, startTrust, trust, trustProgram } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";

beforeAll(buildProgram);

/** Runs one command for a person without settings, in a folder with one file. */
async function once(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Finished> {
  await using home = await scratchHome();
  await using workspace = await temporaryWorkspace({ "package.json": '{ "version": "2.4.1" }\n' });
  return await trust(args, { home, cwd: workspace.path, env });
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 9;
}

describe("the exit status", () => {
  test.each([
    ["an unknown flag", ["--nope"], "Unknown option '--nope'"],
    ["an unknown command", ["frobnicate"], "There is no command frobnicate"],
    ["an unknown subcommand", ["tools", "frobnicate"], "The command tools has no frobnicate"],
    ["a flag without its value", ["-p", "hi", "--mode"], "argument missing"],
    ["a mode that does not exist", ["-p", "hi", "--mode", "yolo"], "plan, ask, edit, auto"],
    ["a number that is none", ["-p", "hi", "--max-turns", "many"], "--max-turns"],
    ["a number that is not positive", ["-p", "hi", "--max-turns", "0"], "--max-turns"],
    ["an output format that does not exist", ["-p", "hi", "--output-format", "xml"], "text, json, stream-json"],
    ["a question that is empty", ["-p", " "], "-p needs a question"],
    ["a session that does not exist", ["-p", "hi", "-r", "nope"], "nope"],
    ["a profile that does not exist", ["-p", "hi", "--profile", "nope"], "nope"],
    ["a chat without a terminal", [], "The chat needs a terminal"],
    ["a rule that cannot be read", ["-p", "hi", "--allow", "run_command("], "run_command("],
  ])("is 2 for %s", async (_, args, words) => {
    const { status, stdout, stderr } = await once(args);
    expect(stderr).toContain(words);
    expect([status, stdout]).toEqual([2, ""]);
  });

  test("is 2 for a workspace that does not exist, which is named", async () => {
    const { status, stderr } = await once(["-p", "hi", "--cwd", "no/such/folder"]);
    expect(stderr).toContain("no/such/folder");
    expect(status).toBe(2);
  });

  test.each([
    ["a model that does not exist", ["-m", "missing.gguf"], "There is no model at"],
    ["a server that is not there", ["-m", "dead"], "the connection was refused"],
  ])("is 3 for %s", async (_, [flag = "", model = ""], words) => {
    const name = model === "dead" ? `http://127.0.0.1:${await closedPort()}/v1` : model;
    const { status, stdout, stderr } = await once(["-p", "hi", flag, name]);
    expect(stderr).toContain(words);
    expect([status, stdout]).toEqual([3, ""]);
  });

  test("is 2 for a file that is no model, and llama.cpp never sees it", async () => {
    const { status, stderr } = await once(["-p", "hi", "-m", "package.json"]);
    expect(stderr).toContain("package.json");
    expect(stderr).not.toContain("llama");
    expect(status).toBe(2);
  });

  test("is 4 when something was refused, and 4 for a remote server in offline mode", async () => {
    await using server = await fakeOpenAiServer([
      callTool("run_command", { command: "touch made" }),
      say("I could not."),
    ]);
    const refused = await once(["-p", "run it", "-m", server.url]);
    expect([refused.status, refused.stdout]).toEqual([4, "I could not.\n"]);
    const offline = await once(["-p", "hi", "--offline", "-m", "https://example.com/v1"]);
    expect(offline.stderr).toContain("offline mode is on");
    expect(offline.status).toBe(4);
  });

  test("is 5 when the limit of replies is reached, which is said", async () => {
    await using server = await fakeOpenAiServer([callTool("read_file", { path: "package.json" })]);
    const { status, stderr } = await once(["-p", "look", "-m", server.url, "--max-turns", "1"]);
    expect(stderr).toContain("--max-turns N allows more");
    expect(status).toBe(5);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("is 130 after %s in the middle of a reply", async (signal) => {
    await using server = await fakeOpenAiServer([[say("Half of it"), wait()]]);
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace();
    const running = startTrust(["-p", "go", "-m", server.url], { home, cwd: workspace.path });
    await waitUntil("the reply", () => running.stdout().includes("Half of it"));
    running.child.kill(signal);
    const { status, stdout } = await running.finished;
    expect([status, stdout]).toEqual([130, "Half of it\n"]);
  });

  test("is 1 when the server breaks off, with its words", async () => {
    await using server = await fakeOpenAiServer([say("unused")], {
      answer: (response) => {
        response.writeHead(500, { "content-type": "application/json" });
        response.end('{"error":{"message":"out of memory \\u001b]0;owned\\u0007"}}');
      },
    });
    const { status, stderr } = await once(["-p", "hi", "-m", server.url]);
    expect(stderr).toContain("out of memory");
    expect(stderr).not.toContain("\u001b");
    expect(status).toBe(1);
  });
});

describe("an error with --json", () => {
  test.each([
    ["USAGE", ["--nope", "--json"]],
    ["USAGE", ["-p", "hi", "--mode", "yolo", "--json"]],
    ["USAGE", ["--json"]],
    ["USAGE", ["-p", "hi", "--cwd", "no/such/folder", "--json"]],
    ["MODEL_MISSING", ["-p", "hi", "-m", "missing.gguf", "--output-format", "json"]],
    ["SESSION_UNKNOWN", ["-p", "hi", "-c", "--json"]],
    ["USAGE", ["config", "get", "nope", "--json"]],
    ["TOOL_UNKNOWN", ["tools", "show", "nope", "--json"]],
    ["INPUT_INVALID", ["tools", "call", "read_file", "{", "--json"]],
    ["OFFLINE", ["-p", "hi", "--offline", "-m", "https://example.com/v1", "--json"]],
  ])("%s is exactly one JSON value on stdout: trust %j", async (code, args) => {
    const { status, stdout, stderr } = await once(args);
    expect(parseUnknownJson(stdout, "stdout")).toEqual({
      error: expect.objectContaining({ code, message: expect.any(String) }),
    });
    expect(stdout.trimEnd()).not.toContain("\n");
    expect(stderr).toBe("");
    expect(status).toBeGreaterThan(0);
  });
});

test("an error before the turn is one event with stream-json", async () => {
  const { status, stdout } = await once(["-p", "hi", "-m", "missing.gguf", "--output-format=stream-json"]);
  expect(parseUnknownJson(stdout, "stdout")).toEqual({
    type: "error",
    error: expect.objectContaining({ code: "MODEL_MISSING" }),
  });
  expect(status).toBe(3);
});

describe("without the usual surroundings", () => {
  test("no HOME and no TRUST_HOME is no error", async () => {
    const { status, stdout } = await once(["config", "path"], { HOME: undefined, TRUST_HOME: undefined });
    expect(stdout).toContain("your file");
    expect(status).toBe(0);
  });

  test("a HOME that cannot be written to is said in words", async () => {
    const env = { HOME: "/proc/nowhere", TRUST_HOME: "/proc/nowhere" };
    const { status, stderr } = await once(["-p", "hi"], env);
    expect(stderr).toMatch(/\/proc\/nowhere/);
    expect(status).toBe(1);
  });

  test("a folder that was deleted under the program is said in words", async () => {
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace();
    const command = ["sh", "-c", 'rmdir "$PWD"; exec "$0" "$@"', process.execPath, trustProgram] as const;
    const { status, stderr } = await trust(["tools", "list"], { home, cwd: workspace.path, command });
    expect(stderr).toMatch(/^The folder that trust was started in is gone\.\n {2}\S/);
    expect(status).toBe(2);
  });

  test.skipIf(process.platform !== "linux")("a full disk behind stdout is said (Linux only)", async () => {
    await using home = await scratchHome();
    await using workspace = await temporaryWorkspace();
    const command = ["sh", "-c", 'exec "$0" "$@" > /dev/full', process.execPath, trustProgram] as const;
    const { status, stderr } = await trust(["tools", "list"], { home, cwd: workspace.path, command });
    expect(stderr).toMatch(/^The output could not be written: .*ENOSPC.*\n$/);
    expect(status).toBe(1);
  });

  test("--version and --help need nothing", async () => {
    expect((await once(["--version"], { HOME: undefined, TRUST_HOME: undefined })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await once(["--help"])).stdout).toMatch(/^trust: an AI coding assistant/);
    expect((await once(["tools", "call", "--help"])).stdout).toContain("Example:");
  });
});
