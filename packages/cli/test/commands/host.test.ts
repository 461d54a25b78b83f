import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseUnknownJson } from "@trust-cli/core/protocol";
import { type TemporaryWorkspace, temporaryWorkspace } from "@trust-cli/core/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { buildProgram, type Finished, type Home, scratchHome, trust } from "../support/program.ts";

let home: Home;
let workspace: TemporaryWorkspace;
beforeAll(buildProgram);
beforeEach(async () => {
  home = await scratchHome();
  workspace = await temporaryWorkspace();
});
afterEach(async () => {
  await run("host", "stop");
  await workspace[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** As a person has it: with the shared host, in a runtime folder of this test's own. */
const run = (...args: string[]): Promise<Finished> => {
  const env = { TRUST_HOST_SHARED: undefined, XDG_RUNTIME_DIR: home.folder };
  return trust(args, { home, cwd: workspace.path, env });
};

interface Status {
  running: boolean;
  pid: number;
  models: { name: string }[];
  clients: unknown[];
  memory: { rssBytes: number };
  socket: string;
}

const json = ({ status, stdout }: Finished): unknown => {
  expect(status).toBe(0);
  return parseUnknownJson(stdout, "stdout");
};
const status = async (): Promise<Status> => json(await run("host", "status", "--json")) as Status;
const ask = async (...args: string[]): Promise<void> => {
  const { status: code, stderr } = await run("-p", "hello", ...args);
  expect([code, stderr]).toEqual([0, ""]);
};

describe("trust host", () => {
  test("says that none runs, with status 0", async () => {
    expect(await status()).toEqual({ running: false });
    expect((await run("host", "status")).stdout).toBe("No model host runs.\n");
    expect(json(await run("host", "stop", "--json"))).toEqual({ stopped: false });
    expect((await run("host", "logs", "--json")).stdout).toBe("");
  });

  test("keeps a model in memory until it is unloaded", async () => {
    await ask();
    expect(json(await run("model", "unload", "--json"))).toEqual({ model: "nano", unloaded: true });
    expect((await status()).models).toEqual([]);
    expect((await run("model", "unload")).stdout).toBe("nano was not in memory, or is at work\n");
    await ask();
    expect((await status()).models).toHaveLength(1);
  });

  test("serves one command after the other with one model in memory, until it is stopped", async () => {
    await ask();
    const first = await status();
    expect(first).toMatchObject({ running: true, models: [{ path: expect.stringContaining("nano") as unknown }] });
    expect(first.memory.rssBytes).toBeGreaterThan(1e6);
    expect(first.clients).toEqual([]);
    await ask();
    const second = await status();
    expect([second.pid, second.models.length]).toEqual([first.pid, 1]);
    expect((await run("host", "status")).stdout).toMatch(
      new RegExp(`^The model host is process ${first.pid} \\(\\w+\\), up .*\\nModels: 1\\n.*\\nClients: 0\\n$`),
    );
    expect(json(await run("host", "stop", "--json"))).toEqual({ stopped: true, pid: first.pid, killed: false });
    expect(await status()).toEqual({ running: false });
  });

  test("shows its log, one object a line, the newest last", async () => {
    await ask();
    const { pid } = await status();
    await run("host", "stop");
    const { stdout } = await run("host", "logs", "--json");
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => parseUnknownJson(line, "log"));
    expect(lines).toContainEqual(expect.objectContaining({ level: "info", message: "started", pid }));
    expect(lines.at(-1)).toMatchObject({ level: "info", message: "leaves: asked to by a client", pid });
    expect((await run("host", "logs", "-n", "1")).stdout).toMatch(/^\S+ {2}info {2}leaves: asked to by a client\n$/);
  });

  test("is not there for a command with --private-host", async () => {
    await ask("--private-host");
    expect(await status()).toEqual({ running: false });
  });

  test("is refused where something else has its name, and the command says so", async () => {
    await ask();
    const { socket } = await status();
    await run("host", "stop");
    writeFileSync(socket, "squatted");
    for (const args of [
      ["-p", "hello"],
      ["host", "status"],
    ]) {
      const { status: code, stderr } = await run(...args);
      expect([code, stderr]).toEqual([3, expect.stringContaining(`${socket} is not a socket`)]);
    }
  });

  test("is refused in a folder that is none, and a private one works", async () => {
    mkdirSync(join(home.folder, "elsewhere"));
    writeFileSync(join(home.folder, "trust"), "");
    const { status: code, stderr } = await run("-p", "hello");
    expect([code, stderr]).toEqual([3, expect.stringContaining("is not a folder")]);
    await ask("--private-host");
  });
});
