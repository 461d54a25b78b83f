import { PluginHost } from "@trust-cli/plugins/host";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { call, hostEntry, outcome, pluginOf } from "../support/host.ts";

let host: PluginHost;
let crashes: string[] = [];
beforeAll(() => {
  host = new PluginHost({ entry: hostEntry, onCrash: (plugin) => crashes.push(plugin) });
});
afterAll(() => host[Symbol.asyncDispose]());
beforeEach(() => {
  crashes = [];
});

const good = pluginOf("good", "return 'still here'");

/** Runs the attack, then asks the host for something honest. */
async function attack(body: string, timeoutMs = 5000): Promise<string> {
  const result = await outcome(call(host, pluginOf("bad", body), { timeoutMs }));
  expect(await outcome(call(host, good))).toBe('"still here"');
  return result;
}

const tooLong = /more than its 200 ms of computing time/;
const tooMuch = /memory|crashed the plugin host|allocation failed|Invalid string length|Invalid array length/;

describe("a plugin that will not end", () => {
  test.each([
    ["loops at once", "for (;;);"],
    ["loops after an await", "await null; for (;;);"],
    ["loops after an answer of the broker", "await context.fs.read('a'); for (;;);"],
    ["loops in microtasks", "const again = () => Promise.resolve().then(again); await again();"],
    ["matches a catastrophic pattern", "return /^(a+)+$/.test('a'.repeat(40) + 'b');"],
    ["loops in a getter of its result", "return { get value() { for (;;); } };"],
    ["loops in a toJSON", "return { toJSON() { for (;;); } };"],
    ["loops in a thenable", "return { then() { for (;;); } };"],
  ])("is stopped when it %s", async (_, body) => {
    expect(await attack(body)).toMatch(tooLong);
    expect(crashes).toEqual([]);
  });

  test("is stopped when it loops while it is loaded", async () => {
    const plugin = { ...good, id: "bad", version: "loop", code: "for (;;);" };
    expect(await outcome(call(host, plugin))).toMatch(tooLong);
    expect(await outcome(call(host, good))).toBe('"still here"');
  });

  test("is stopped at its deadline when its promise never settles", async () => {
    expect(await attack("await new Promise(() => {});", 300)).toMatch(/gave no answer in 0\.3 s/);
  });

  test("is stopped when it goes on after its answer", async () => {
    const loop = pluginOf(
      "bad",
      "Promise.resolve().then(() => Promise.resolve()).then(() => { for (;;); }); return 1;",
    );
    await outcome(call(host, loop));
    expect(await outcome(call(host, good))).toBe('"still here"');
    expect(await outcome(call(host, pluginOf("bad", "return 'again'")))).toBe('"again"');
  });
});

describe("a plugin that wants all memory", () => {
  test.each([
    ["arrays", "const all = []; for (;;) all.push(new Array(1000).fill(1));"],
    [
      "strings",
      "let text = 'x'; const all = []; for (;;) { text = text.slice(0, 1e6) + text; all.push(text + Math.random()); }",
    ],
    ["typed arrays", "const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1));"],
    ["one huge array", "return new Array(1e8).fill(0).length;"],
    ["big integers", "let big = 3n; for (;;) big *= big;"],
    ["properties", "const all = {}; for (let i = 0; ; i++) all['key' + i] = 'value' + i;"],
  ])("fails alone: %s", async (_, body) => {
    expect(await attack(body)).toMatch(new RegExp(`${tooMuch.source}|${tooLong.source}|too big`));
  });

  test("finds no WebAssembly, SharedArrayBuffer or Atomics", async () => {
    expect(await attack("return [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof console];")).toBe(
      '["undefined","undefined","undefined","undefined"]',
    );
  });
});

describe("a plugin that answers strangely", () => {
  test.each([
    ["throws", "throw new Error('no luck');", /no luck/],
    ["throws nothing at all", "throw undefined;", /failed without words/],
    ["throws a number", "throw 7;", /7/],
    ["throws what has no text", "throw { get message() { throw 1; } };", /no words/],
    ["throws a proxy", "throw new Proxy({}, { get() { throw 1; } });", /no words/],
    ["gives a function", "return () => 1;", /^null$/],
    ["gives a circle", "const a = {}; a.a = a; return a;", /circular/],
    ["gives a big integer", "return 1n;", /BigInt/],
    ["gives more than 1 MiB", "return 'x'.repeat(2 ** 20);", /more than 1 MiB/],
    ["gives a deep value", "let deep = []; for (let i = 0; i < 500; i++) deep = [deep]; return deep;", /levels deep/],
  ])("is told so when it %s", async (_, body, words) => {
    expect(await attack(body)).toMatch(words);
    expect(crashes).toEqual([]);
  });

  test.each([
    ["logs", "for (;;) context.log('again');"],
    ["logs much", "const big = 'x'.repeat(900000); for (;;) context.log(big);"],
    ["asks", "for (;;) context.fs.read('again').catch(() => undefined);"],
  ])("is stopped without harm when it never stops to: %s", async (_, body) => {
    const logs: string[] = [];
    const result = call(host, pluginOf("bad", body), { onLog: (text) => logs.push(text) });
    expect(await outcome(result)).toMatch(new RegExp(`${tooLong.source}|memory`));
    expect(logs.length).toBeLessThanOrEqual(200);
    expect(crashes).toEqual([]);
  });

  test("gets at most 64 answers at once", async () => {
    const body =
      "return Promise.allSettled(Array.from({ length: 100 }, () => context.fs.read('a'))).then((all) => all.filter((one) => one.status === 'rejected').length);";
    const never = new Promise<never>(() => undefined);
    const controller = new AbortController();
    let asked = 0;
    const broker = async (): Promise<never> => {
      asked += 1;
      return never;
    };
    const result = call(host, pluginOf("bad", body), { broker, signal: controller.signal, timeoutMs: 500 });
    expect(await outcome(result)).toMatch(/no answer/);
    expect(asked).toBe(64);
  });

  test("keeps its stack and our folders to itself", async () => {
    const result = await attack(
      "throw new Error('see /home/ann/secret/plan.txt:3\\n    at deep (/opt/trust/host.js:1:1)');",
    );
    expect(result).toBe("the plugin bad failed: see plan.txt:3");
  });

  test("cannot give a prototype away", async () => {
    const body = `return JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":[1],"b":1}}');`;
    const result = await call(host, pluginOf("bad", body));
    expect(result).toEqual({ ok: true, value: { a: { b: 1 } } });
    expect(Object.keys(Object.assign({}, result.ok ? result.value : {}))).toEqual(["a"]);
  });
});

describe("a plugin that looks for a way out", () => {
  test.each([
    [
      "process, require, module",
      "return [typeof process, typeof require, typeof module, typeof global, typeof fetch];",
    ],
    [
      "the Function of our side",
      "return globalThis.constructor.constructor('return typeof process + typeof require')();",
    ],
    ["the Function behind the SDK", "return context.fs.read.constructor('return typeof process')();"],
    [
      "the Function behind an answer",
      "return (await context.fs.read('a')).constructor.constructor('return typeof process')();",
    ],
    [
      "the Function behind an error",
      "try { null.x } catch (error) { return error.constructor.constructor('return typeof process')(); }",
    ],
  ])("finds nothing of ours: %s", async (_, body) => {
    expect(await attack(body)).toMatch(/^(\["undefined",.*"undefined"\]|"(undefined)+")$/);
  });

  test.each([
    ["import()", "return (await import('node:fs')).readFileSync('/etc/passwd', 'utf8');", /Not supported/],
    ["import() of its own kind", "return import('@trust-cli/plugins/sdk');", /Not supported/],
  ])("cannot load more code: %s", async (_, body, words) => {
    expect(await attack(body)).toMatch(words);
  });

  test.each(["node:fs", "fs", "./other.js", "isolated-vm", "https://example.com/x.js"])(
    "may not import %s",
    async (name) => {
      const plugin = { ...good, id: "bad", version: name, code: `import x from ${JSON.stringify(name)};` };
      expect(await outcome(call(host, plugin))).toContain(`can import only @trust-cli/plugins/sdk, not "${name}"`);
    },
  );

  test("spoils the built-in objects only for itself", async () => {
    const body = `Object.prototype.ok = true; Object.prototype.toJSON = () => "mine"; Array.prototype.map = null;
      JSON.stringify = () => "no"; JSON.parse = () => ({}); Promise.prototype.then = null; return "spoilt";`;
    await attack(body, 500);
    expect(({} as Record<string, unknown>)["ok"]).toBeUndefined();
    expect(await outcome(call(host, pluginOf("other", "return JSON.stringify({}.ok ?? null)")))).toBe('"null"');
  });

  test("cannot answer for another call, or another plugin", async () => {
    const waiting = call(host, pluginOf("patient", "return context.fs.read('slow')"), {
      broker: () => new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: "honest" }), 300)),
    });
    const forge = `const { stringify } = JSON; let forged = 0;
      Object.prototype.toJSON = function () { return this.type === "answer" ? { ...this, call: this.call - 1, toJSON: undefined } : this; };
      return "forged";`;
    await outcome(call(host, pluginOf("bad", forge), { timeoutMs: 300 }));
    expect(await outcome(waiting)).toBe('"honest"');
  });
});
