import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { failure, TrustError } from "@trust-cli/core/protocol";
import { temporaryWorkspace } from "@trust-cli/core/testing";
import { PluginHost } from "@trust-cli/plugins/host";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { call, hostEntry, isRunning, outcome, pluginOf } from "../support/host.ts";

let host: PluginHost;
let crashes: string[] = [];
beforeEach(() => {
  crashes = [];
  host = new PluginHost({ entry: hostEntry, onCrash: (plugin) => crashes.push(plugin) });
});
afterEach(() => host[Symbol.asyncDispose]());

async function until(isTrue: () => boolean): Promise<void> {
  for (let left = 500; !isTrue(); left--) {
    if (left === 0) throw new Error("it did not happen in 10 s");
    await sleep(20);
  }
}

describe("the plugin host", () => {
  test("starts at the first call, not before", async () => {
    expect(host.pid).toBeUndefined();
    expect(await outcome(call(host, pluginOf("one", "return input.a + 1"), { input: { a: 1 } }))).toBe("2");
    expect(host.pid).toBeTypeOf("number");
  });

  test("passes questions to the broker and failures back", async () => {
    const body =
      "const read = await context.fs.read('a.txt'); try { await context.storage.get('k'); } catch (error) { return [read, error.message]; }";
    const result = call(host, pluginOf("one", body), {
      broker: (method, args) =>
        Promise.resolve(
          method === "fs.read"
            ? { ok: true, value: `content of ${String(args[0])}` }
            : failure(new TrustError("REFUSED", "not granted")),
        ),
    });
    expect(await outcome(result)).toBe('["content of a.txt","not granted"]');
  });

  test("starts a plugin afresh when work that it left behind ended its isolate", async () => {
    const grow =
      "const grow = async () => { const all = []; for (;;) { await null; all.push(new Array(1e5).fill(1)); } };";
    const plugin = pluginOf("one", `${grow} if (input.leave) void grow(); return input.leave ? "left" : "fresh";`, {
      memoryMB: 16,
      cpuMs: 5000,
    });
    for (let count = 0; count < 3; count++) {
      expect(await outcome(call(host, plugin, { input: { leave: true } }))).toBe('"left"');
      await sleep(150 * count);
      expect(await outcome(call(host, plugin))).toBe('"fresh"');
    }
  });

  test("shows what a plugin logs, in order", async () => {
    const logs: string[] = [];
    await call(host, pluginOf("one", "context.log('first'); context.log(2);"), { onLog: (text) => logs.push(text) });
    expect(logs).toEqual(["first", "2"]);
  });

  test("names the tools that the code defines", async () => {
    const plugin = { ...pluginOf("one", ""), version: "none", code: "1" };
    expect(await outcome(call(host, plugin))).toMatch(/never calls definePlugin/);
    expect(await outcome(call(host, pluginOf("one", ""), { tool: "other" }))).toMatch(/defines no tool other/);
  });

  test("runs calls of one plugin one after another, and those of two side by side", async () => {
    const order: string[] = [];
    const broker = async (_: string, [name]: readonly unknown[]): Promise<{ ok: true; value: null }> => {
      order.push(`${String(name)} asks`);
      await sleep(100);
      order.push(`${String(name)} goes on`);
      return { ok: true, value: null };
    };
    const one = pluginOf("one", "await context.fs.read(input.name)");
    const two = pluginOf("two", "await context.fs.read(input.name)");
    await Promise.all([
      call(host, one, { input: { name: "a" }, broker }),
      call(host, one, { input: { name: "b" }, broker }),
      call(host, two, { input: { name: "c" }, broker }),
    ]);
    expect(order.indexOf("b asks")).toBeGreaterThan(order.indexOf("a goes on"));
    expect(order.indexOf("c asks")).toBeLessThan(order.indexOf("a goes on"));
  });

  test("ends a call when the person interrupts it", async () => {
    const controller = new AbortController();
    const result = call(host, pluginOf("one", "await new Promise(() => {})"), { signal: controller.signal });
    await until(() => host.pid !== undefined);
    controller.abort();
    expect(await outcome(result)).toMatch(/interrupted/);
    expect(await outcome(call(host, pluginOf("one", "return 1")))).toBe("1");
  });

  test("gets no environment and may read nothing of the machine", async () => {
    process.env["TRUST_TEST_SECRET"] = "hidden";
    await call(host, pluginOf("one", "return 1"));
    const { readFile } = await import("node:fs/promises");
    if (process.platform === "linux") {
      expect(await readFile(`/proc/${host.pid}/environ`, "utf8")).toBe("");
      expect(await readFile(`/proc/${host.pid}/cmdline`, "utf8")).toContain("--permission");
    }
    delete process.env["TRUST_TEST_SECRET"];
  });

  test("leaves when it was idle, and starts again", async () => {
    await using idle = new PluginHost({ entry: hostEntry, onCrash: (id) => crashes.push(id), idleMilliseconds: 50 });
    await call(idle, pluginOf("one", "return 1"));
    const pid = idle.pid ?? 0;
    await until(() => !isRunning(pid));
    expect(await outcome(call(idle, pluginOf("one", "return 2")))).toBe("2");
    expect(crashes).toEqual([]);
  });

  test("says what is wrong when it cannot be started, and blames no plugin", async () => {
    await using broken = new PluginHost({
      entry: { ...hostEntry, script: join(import.meta.dirname, "nothing.ts") },
      onCrash: (plugin) => crashes.push(plugin),
    });
    expect(await outcome(call(broken, pluginOf("one", "return 1")))).toMatch(/the plugin host did not start/);
    expect(crashes).toEqual([]);
  });
});

describe("a plugin host that is killed", () => {
  /** Calls that are known to run in the host. */
  async function stuckCalls(...ids: readonly string[]): Promise<Promise<string>[]> {
    let running = 0;
    const broker = (): Promise<never> => {
      running += 1;
      return new Promise(() => undefined);
    };
    const calls = ids.map((id) => outcome(call(host, pluginOf(id, "await context.fs.read('x')"), { broker })));
    await until(() => running === ids.length);
    return calls;
  }

  test("fails the call in flight, strikes its plugin, and is replaced for the next call", async () => {
    const [waiting] = await stuckCalls("one");
    process.kill(host.pid ?? 0, "SIGKILL");
    expect(await waiting).toMatch(/crashed the plugin host: the process was ended by SIGKILL/);
    expect(crashes).toEqual(["one"]);
    expect(await outcome(call(host, pluginOf("two", "return 'next'")))).toBe('"next"');
  });

  test("strikes nobody when several ran; they then run one at a time until it is clear who it was", async () => {
    const both = await stuckCalls("one", "two");
    process.kill(host.pid ?? 0, "SIGKILL");
    for (const result of both) expect(await result).toMatch(/ended while it ran/);
    expect(crashes).toEqual([]);
    let open = 0;
    let most = 0;
    const broker = async (): Promise<{ ok: true; value: null }> => {
      most = Math.max(most, ++open);
      await sleep(50);
      open -= 1;
      return { ok: true, value: null };
    };
    await Promise.all(
      ["one", "two", "three"].map((id) => call(host, pluginOf(id, "await context.fs.read('x')"), { broker })),
    );
    expect(most).toBe(1);
  });

  test("does not happen for what other plugins keep in memory between their calls", async () => {
    const body = "globalThis.kept = new Uint8Array(100e6).fill(1); return 1;";
    const ids = ["a", "b", "c", "d", "e", "f"];
    for (const id of ids) {
      expect(await outcome(call(host, pluginOf(id, body, { memoryMB: 256, cpuMs: 5000 })))).toBe("1");
    }
    expect(crashes).toEqual([]);
  });

  test("strikes nobody when the host says that it was nobody's fault", async () => {
    await using folder = await temporaryWorkspace({
      "host.js": `const say = (report) => process.stdout.write(JSON.stringify(report) + "\\n");
        process.stdin.once("data", () => say({ type: "dying", reason: "used more than 512 MB of memory" }));
        say({ type: "ready" });`,
    });
    const script = join(folder.path, "host.js");
    const entry = { ...hostEntry, script, reads: [script] };
    await using blameless = new PluginHost({ entry, onCrash: (plugin) => crashes.push(plugin) });
    expect(await outcome(call(blameless, pluginOf("one", "")))).toMatch(/the plugin host ended while it ran/);
    expect(crashes).toEqual([]);
  });

  test("strikes the plugin that wanted all memory", async () => {
    const body = "const all = []; for (;;) all.push(new Array(1000).fill(1));";
    const result = await outcome(call(host, pluginOf("greedy", body, { memoryMB: 256, cpuMs: 20_000 })));
    expect(result).toMatch(/crashed the plugin host: the process (used more than 512 MB|was lost|was ended)/);
    expect(crashes).toEqual(["greedy"]);
  });
});

test("the host dies with the program that started it", async () => {
  const script = join(import.meta.dirname, "..", "support", "caller.ts");
  const child = spawn(process.execPath, ["--conditions=@trust-cli/source", script], { stdio: ["ignore", "pipe", 2] });
  const pid = await new Promise<number>((resolve) => child.stdout?.once("data", (text) => resolve(Number(text))));
  expect(isRunning(pid)).toBe(true);
  child.kill("SIGKILL");
  await until(() => !isRunning(pid));
});
