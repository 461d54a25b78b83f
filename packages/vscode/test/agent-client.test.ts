import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { describe, expect, test } from "vitest";

import { type Agent, type AgentHandlers, connectAgent } from "../src/agent-client.ts";
import { type AgentProcess, startAgentProcess } from "../src/agent-process.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

interface Started extends Disposable {
  agent: Agent;
  child: AgentProcess;
  updates: SessionUpdate[];
  log: string[];
}

async function start(folder: TemporaryFolder, handlers: Partial<AgentHandlers> = {}): Promise<Started> {
  const log: string[] = [];
  const updates: SessionUpdate[] = [];
  const cli = { path: folder.scriptedCli(), version: "0.0.0" };
  const child = startAgentProcess(cli, folder.path, (line) => log.push(line));
  const all: AgentHandlers = {
    readTextFile: async () => "",
    requestPermission: async () => ({ outcome: { outcome: "cancelled" } }),
    update: ({ update }) => updates.push(update),
    ...handlers,
  };
  const agent = await connectAgent(child, all, "0.1.0");
  return { agent, child, updates, log, [Symbol.dispose]: () => child[Symbol.dispose]() };
}

describe.skipIf(process.platform === "win32")("a connected agent", () => {
  test("opens a session with options, answers a prompt by updates, and can be given another model", async () => {
    using folder = new TemporaryFolder();
    using started = await start(folder);
    const session = await started.agent.newSession(folder.path);
    expect(session.options.map(({ id }) => id)).toEqual(["model", "mode"]);
    expect(await started.agent.prompt(session.id, [{ type: "text", text: "hello" }])).toBe("end_turn");
    expect(started.updates.map(({ sessionUpdate }) => sessionUpdate)).toContain("agent_message_chunk");
    const options = await started.agent.setOption(session.id, "model", "other");
    expect(options[0]).toMatchObject({ id: "model", currentValue: "other" });
    expect(await started.agent.status(session.id)).toMatchObject({ model: { id: "other" }, local: true });
    expect(started.log).toEqual(["scripted agent started"]);
  });

  test("stops a turn", async () => {
    using folder = new TemporaryFolder();
    using started = await start(folder);
    const { id } = await started.agent.newSession(folder.path);
    const turn = started.agent.prompt(id, [{ type: "text", text: "slow" }]);
    await expect.poll(() => started.updates.length).toBeGreaterThan(2);
    await started.agent.cancel(id);
    expect(await turn).toBe("cancelled");
  });

  test("lists sessions and loads one of an earlier process, with its history", async () => {
    using folder = new TemporaryFolder();
    const id = await (async () => {
      using first = await start(folder);
      const session = await first.agent.newSession(folder.path);
      await first.agent.prompt(session.id, [{ type: "text", text: "remember this" }]);
      return session.id;
    })();
    using second = await start(folder);
    expect(await second.agent.listSessions(folder.path)).toMatchObject([{ sessionId: id, title: "remember this" }]);
    await second.agent.loadSession(id, folder.path);
    expect(second.updates[0]).toMatchObject({
      sessionUpdate: "user_message_chunk",
      content: { text: "remember this" },
    });
  });

  test("writes a commit message, and does not keep one waiting who cancels", async () => {
    using folder = new TemporaryFolder();
    using started = await start(folder);
    execFileSync("git", ["init", "--quiet"], { cwd: folder.path });
    folder.write("cart.ts", "export {};\n");
    execFileSync("git", ["add", "cart.ts"], { cwd: folder.path });
    const never = new AbortController();
    expect(await started.agent.commitMessage(folder.path, never.signal)).toEqual({ message: "fix: change cart.ts" });
    writeFileSync(join(folder.path, ".slow"), "");
    const stopping = new AbortController();
    const waiting = started.agent.commitMessage(folder.path, stopping.signal);
    stopping.abort();
    await expect(waiting).rejects.toThrow("cancelled");
    expect(await started.agent.newSession(folder.path)).toHaveProperty("id");
  });

  test("rejects what waits for it when it is killed, and tells why it ended", async () => {
    using folder = new TemporaryFolder();
    using started = await start(folder);
    const { id } = await started.agent.newSession(folder.path);
    await expect(started.agent.prompt(id, [{ type: "text", text: "crash" }])).rejects.toThrow(
      "trust acp was ended by SIGKILL",
    );
    expect(await started.child.ended).toBe("was ended by SIGKILL");
  });

  test("leaves when its input ends", async () => {
    using folder = new TemporaryFolder();
    const started = await start(folder);
    started[Symbol.dispose]();
    expect(await started.child.ended).toBe("ended with status 0");
  });
});

describe.skipIf(process.platform === "win32")("a program that is no agent", () => {
  test("is told by why it ended, with its words in the log", async () => {
    using folder = new TemporaryFolder();
    const log: string[] = [];
    const path = folder.program("trust", "echo 'unknown command acp' >&2", "exit 2");
    using child = startAgentProcess({ path, version: "0.0.0" }, folder.path, (line) => log.push(line));
    await expect(connectAgent(child, idle, "0.1.0")).rejects.toThrow("trust acp ended with status 2");
    await expect.poll(() => log).toEqual(["unknown command acp"]);
  });

  test("that cannot be started is told by that", async () => {
    using folder = new TemporaryFolder();
    const cli = { path: join(folder.path, "absent"), version: "0.0.0" };
    using child = startAgentProcess(cli, folder.path, () => {});
    await expect(connectAgent(child, idle, "0.1.0")).rejects.toThrow("trust acp could not be started");
  });
});

const idle: AgentHandlers = {
  readTextFile: async () => "",
  requestPermission: async () => ({ outcome: { outcome: "cancelled" } }),
  update: () => {},
};
