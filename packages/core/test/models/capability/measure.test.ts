import { appendFile, copyFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { fileIdentity, measureCapability, type ProbeResult, probes } from "../../../src/models/capability/index.ts";
import {
  callTool,
  fail,
  manualClock,
  say,
  scriptedGguf,
  scriptedModel,
  temporaryWorkspace,
  think,
  wait,
} from "../../../src/testing/index.ts";
import type { ScriptReply } from "../../../src/testing/index.ts";

const never = (): AbortSignal => new AbortController().signal;

/** A perfect reply to each probe, in order. */
const perfect: Record<string, ScriptReply> = {
  "right tool": callTool("read_file", { path: "README.md" }),
  "optional argument": callTool("read_file", { path: "log.txt", from_line: 120 }),
  "optional left out": callTool("search_text", { pattern: "TODO" }),
  enumeration: callTool("search_text", { pattern: "^import", kind: "regex", folder: "src" }),
  number: callTool("set_timer", { minutes: 2.5 }),
  "blanks in a path": callTool("read_file", { path: "Meeting notes/May 4.txt" }),
  "other scripts": callTool("search_text", { pattern: "größer", folder: "docs/über", kind: "text" }),
  "quotes and line breaks": callTool("send_message", { to: "Ann", text: 'She said "no".\nPath: C:\\temp\\new' }),
  "two calls": [callTool("read_file", { path: "a.txt" }), callTool("read_file", { path: "b.txt" })],
  "no call": [think("Easy."), say("4")],
  "missing value": say("What shall I write to Ann?"),
  result: say("It names port 8417."),
};

/** `longer`: to results of 800 characters and more, each twice as long as the one before. */
async function measure(
  replies: Record<string, ScriptReply>,
  longer: readonly ScriptReply[] = Array(5).fill(say("8417")),
) {
  const port = scriptedModel([...probes.map(({ id }) => replies[id] ?? say("?")), ...longer]);
  const told: ProbeResult[] = [];
  const options = {
    sampling: { temperature: 0 },
    clock: manualClock(),
    onProbe: (one: ProbeResult) => void told.push(one),
  };
  return { port, told, measured: await measureCapability(port, options, never()) };
}

const failed = (measured: { probes: { id: string; passed: boolean }[] }): string[] =>
  measured.probes.filter(({ passed }) => !passed).map(({ id }) => id);

describe("the measurement of a model", () => {
  test("finds the length of a result at which it begins to fail", async () => {
    const found = say("It is 8417.");
    expect((await measure(perfect, [found, found, say("Sorry?")])).measured.resultCharacters).toBe(1600);
    expect((await measure(perfect, [say("Sorry?")])).measured.resultCharacters).toBe(800);
    expect((await measure(perfect)).measured).not.toHaveProperty("resultCharacters");
    const { port } = await measure({});
    expect(port.requests).toHaveLength(probes.length);
  });

  test("is complete for one that does everything right", async () => {
    const { measured, told, port } = await measure(perfect);
    expect(measured).toMatchObject({
      callSuccess: 1,
      parallelCalls: true,
      reasoning: true,
      contextSize: 8192,
      measuredAt: "2030-01-01T00:00:00.000Z",
    });
    expect(told.map(({ done }) => done)).toEqual(probes.map((_, index) => index + 1));
    expect(port.requests[0]).toMatchObject({ toolChoice: "auto", sampling: { temperature: 0 } });
  });

  test.each<[string, ScriptReply]>([
    ["right tool", callTool("search_text", { pattern: "README.md" })],
    ["right tool", say("I would read it.")],
    ["right tool", callTool("read_files", { path: "README.md" })],
    ["optional argument", callTool("read_file", { path: "log.txt" })],
    ["optional left out", callTool("search_text", { pattern: "TODO", folder: "." })],
    ["enumeration", callTool("search_text", { pattern: "^import", kind: "text", folder: "src" })],
    ["enumeration", callTool("search_text", { pattern: "^import", kind: "pcre", folder: "src" })],
    ["number", callTool("set_timer", { minutes: 2 })],
    ["blanks in a path", callTool("read_file", { path: "Meeting" })],
    ["quotes and line breaks", callTool("send_message", { to: "Ann", text: 'She said "no".' })],
    ["two calls", callTool("read_file", { path: "b.txt" })],
    ["no call", callTool("set_timer", { minutes: 4 })],
    ["missing value", callTool("send_message", { to: "Ann", text: "Hello" })],
    ["result", callTool("read_file", { path: "server.conf" })],
    ["result", say("It names no port.")],
  ])("counts it against a model that fails at %s", async (id, reply) => {
    const { measured } = await measure({ ...perfect, [id]: reply });
    expect(failed(measured)).toEqual([id]);
    expect(measured.callSuccess).toBeCloseTo((probes.length - 1) / probes.length);
  });

  test("forgives what is repaired without making anything up", async () => {
    const { measured } = await measure({ ...perfect, number: callTool("set_timer", { minutes: "2.5" }) });
    expect(failed(measured)).toEqual([]);
  });

  test("tells one call at a time from two in one reply", async () => {
    const { measured } = await measure({ ...perfect, "two calls": callTool("read_file", { path: "a.txt" }) });
    expect(measured).toMatchObject({ callSuccess: 1, parallelCalls: false });
  });

  test("ends with the error of a model that fails, and with an abort", async () => {
    const broken = scriptedModel([fail("out of memory")]);
    await expect(measureCapability(broken, { sampling: {} }, never())).rejects.toMatchObject({
      code: "MODEL_FAILED",
      message: "out of memory",
    });
    const controller = new AbortController();
    const endless = scriptedModel([[say("Hm"), wait()]], { repeat: true });
    const measuring = measureCapability(endless, { sampling: {} }, controller.signal);
    controller.abort();
    await expect(measuring).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("the identity of a model file", () => {
  test("changes with its weights and with the backend, and not with its name", async () => {
    await using folder = await temporaryWorkspace();
    const [one, other] = [join(folder.path, "one.gguf"), join(folder.path, "other.gguf")];
    await scriptedGguf(one, { replies: { first: ["Hi."] } });
    await copyFile(one, other);
    const identity = await fileIdentity(one, "llama.cpp 1");
    expect(await fileIdentity(other, "llama.cpp 1")).toEqual(identity);
    expect(await fileIdentity(one, "llama.cpp 2")).toEqual({ ...identity, backend: "llama.cpp 2" });
    await appendFile(other, "x");
    expect((await fileIdentity(other, "llama.cpp 1")).weights).not.toBe(identity.weights);
    await truncate(other, (await stat(one)).size - 1);
    await appendFile(other, "x");
    expect((await fileIdentity(other, "llama.cpp 1")).weights).not.toBe(identity.weights);
  });

  test("is none where there is no model", async () => {
    await using folder = await temporaryWorkspace();
    const path = join(folder.path, "no.gguf");
    await writeFile(path, "no model");
    await expect(fileIdentity(path, "x")).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});
