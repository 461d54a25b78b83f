import { describe, expect, test } from "vitest";

import type { Agent } from "../src/agent-client.ts";
import { type AgentState, AgentSupervisor, AgentUnavailable, type StartedAgent } from "../src/agent-supervisor.ts";

/** Agents that end when the test says so. */
function supervised(failing: (count: number) => Error | undefined = () => undefined) {
  const states: AgentState[] = [];
  const ends: ((reason: string) => void)[] = [];
  let starts = 0;
  const supervisor = new AgentSupervisor({
    backoffMilliseconds: [1, 1, 1],
    onState: (state) => states.push(state),
    start: async (): Promise<StartedAgent> => {
      starts += 1;
      const error = failing(starts);
      if (error !== undefined) throw error;
      const { promise, resolve } = Promise.withResolvers<string>();
      ends.push(resolve);
      const agent = { number: starts } as unknown as Agent;
      return { agent, version: String(starts), ended: promise, [Symbol.dispose]: () => resolve("was told to") };
    },
  });
  const names = (): string[] => states.map(({ name }) => name);
  return { supervisor, states, names, starts: () => starts, end: (reason: string) => ends.at(-1)?.(reason) };
}

describe("AgentSupervisor", () => {
  test("starts one agent however many ask for it, and none before", async () => {
    const { supervisor, starts, names } = supervised();
    expect(starts()).toBe(0);
    const [first, second] = await Promise.all([supervisor.agent(), supervisor.agent()]);
    expect(first).toBe(second);
    expect(starts()).toBe(1);
    expect(names()).toEqual(["starting", "ready"]);
  });

  test("starts it again three times, then says why it does not", async () => {
    const { supervisor, states, starts, end } = supervised();
    await supervisor.agent();
    for (let count = 1; count <= 3; count += 1) {
      end("was ended by SIGKILL");
      await expect.poll(() => states.at(-1)).toMatchObject({ name: "ready", detail: String(count + 1) });
    }
    end("was ended by SIGKILL");
    await expect.poll(() => states.at(-1)?.name).toBe("failed");
    expect(states.at(-1)?.detail).toContain("trust acp was ended by SIGKILL");
    expect(starts()).toBe(4);
  });

  test("a try that fails to start counts too", async () => {
    const { supervisor, states, starts, end } = supervised((count) => (count > 1 ? new Error("no") : undefined));
    await supervisor.agent();
    end("ended with status 1");
    await expect.poll(() => starts()).toBe(4);
    await expect.poll(() => states.at(-1)?.detail).toContain("started again 3 times");
  });

  test("what can never start is not tried again by itself, but when it is asked for", async () => {
    const missing = new AgentUnavailable("missing", "not found");
    const { supervisor, states, starts } = supervised((count) => (count === 1 ? missing : undefined));
    await expect(supervisor.agent()).rejects.toThrow("not found");
    expect(states.at(-1)).toEqual({ name: "missing", detail: "not found" });
    expect(starts()).toBe(1);
    await supervisor.agent();
    expect(states.at(-1)?.name).toBe("ready");
  });

  test("a restart by hand ends the old agent without counting that as a crash", async () => {
    const { supervisor, names, starts } = supervised();
    await supervisor.agent();
    await supervisor.restart();
    expect(names()).toEqual(["starting", "ready", "idle", "starting", "ready"]);
    expect(starts()).toBe(2);
  });
});
