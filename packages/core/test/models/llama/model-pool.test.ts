import { copyFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { Llama } from "../../../src/models/llama/host/addon.ts";
import type { ChatModel } from "../../../src/models/llama/host/loaded-model.ts";
import { ModelPool, type Opening, type Resident } from "../../../src/models/llama/host/model-pool.ts";
import { TrustError } from "../../../src/protocol/errors.ts";
import type { HostLoad } from "../../../src/protocol/host.ts";
import { temporaryFolder } from "../../workspace/temporary-folder.ts";
import { never } from "./llama-bench.ts";

interface FakeModel {
  path: string;
  id: number;
  loop: { busy: number };
  isClosed: boolean;
}

/** A pool whose models take one of `room` places each, and what it opened, in order. */
function poolOf(room: number, { slow = false } = {}) {
  const opened: FakeModel[] = [];
  const openings: { opening: Opening; finish: (error?: unknown) => void }[] = [];
  const open = async (_: Llama, { path }: HostLoad, opening: Opening): Promise<Resident> => {
    if (opening.residents.length >= room) throw new TrustError("MODEL_FAILED", "not enough memory");
    if (slow) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      openings.push({ opening, finish: (error) => (error === undefined ? resolve() : reject(error as Error)) });
      opening.signal.addEventListener("abort", () => reject(opening.signal.reason as Error));
      await promise;
    }
    const model = { path, id: opening.id, loop: { busy: 0 }, isClosed: false };
    opened.push(model);
    const close = (): Promise<void> => {
      model.isClosed = true;
      return Promise.resolve();
    };
    const memory = { ramBytes: 1, vramBytes: 0, mappedBytes: 0 };
    return { use: "chat", model: Object.assign(model, { memory, close }) as unknown as ChatModel };
  };
  const pool = new ModelPool(() => Promise.resolve({} as Llama), open);
  const load = (path: string, more: Partial<HostLoad> = {}, signal = never()): Promise<Resident> =>
    pool.acquire({ type: "load", request: 0, path, ...more }, signal, () => undefined);
  return {
    pool,
    opened,
    openings,
    load,
    live: () => opened.filter(({ isClosed }) => !isClosed).map(({ path }) => path),
  };
}

let clock: number;
beforeEach(() => {
  clock = 0;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Lets so many seconds pass, in steps of one. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock += 1000;
    await vi.advanceTimersByTimeAsync(1000);
  }
}

describe("a model in memory", () => {
  test("is loaded once for all who ask for it, also at the same time", async () => {
    const { load, opened } = poolOf(3);
    const [one, two] = await Promise.all([load("/a"), load("/a")]);
    expect(one).toBe(two);
    expect(await load("/a")).toBe(one);
    expect(opened).toHaveLength(1);
  });

  test("with other options is another model", async () => {
    const { load, opened } = poolOf(3);
    await load("/a");
    await load("/a", { contextSize: 1024 });
    expect(opened.map(({ id }) => id)).toEqual([1, 2]);
  });

  test("leaves when nobody used it for its time, and not while it works", async () => {
    const { load, live, opened } = poolOf(3);
    await load("/short", { keepAliveSeconds: 60 });
    await load("/usual");
    await load("/busy", { keepAliveSeconds: 60 });
    const busy = opened[2];
    if (busy !== undefined) busy.loop.busy = 1;
    await pass(70);
    expect(live()).toEqual(["/usual", "/busy"]);
    if (busy !== undefined) busy.loop.busy = 0;
    await pass(50);
    expect(live()).toEqual(["/usual", "/busy"]);
    await pass(20);
    expect(live()).toEqual(["/usual"]);
    await pass(900);
    expect(live()).toEqual([]);
  });

  test("stays for ever when it is pinned, until it is unloaded by name", async () => {
    const { load, live, pool } = poolOf(3);
    await load("/pinned", { pinned: true });
    await pass(2000);
    expect(live()).toEqual(["/pinned"]);
    expect(await pool.unload("/pinned")).toBe(1);
    expect(live()).toEqual([]);
  });

  test("that left is loaded again when it is asked for by its number", async () => {
    const { load, pool, opened } = poolOf(3);
    await load("/a", { keepAliveSeconds: 1 });
    await pass(10);
    await pool.byId(1, never(), () => undefined);
    expect(opened.map(({ id }) => id)).toEqual([1, 1]);
    await expect(pool.byId(7, never(), () => undefined)).rejects.toMatchObject({ code: "MODEL_MISSING" });
  });
});

describe("a model for which there is no room", () => {
  test("takes that of the one that was not used for longest", async () => {
    const { load, live } = poolOf(2);
    await load("/a");
    await pass(1);
    await load("/b");
    await pass(1);
    await load("/a");
    await load("/c");
    expect(live()).toEqual(["/a", "/c"]);
  });

  test("does not take that of one that works or is pinned", async () => {
    const { load, live, opened } = poolOf(3);
    await load("/pinned", { pinned: true });
    await load("/busy");
    await load("/idle");
    const busy = opened[1];
    if (busy !== undefined) busy.loop.busy = 1;
    await load("/new");
    expect(live()).toEqual(["/pinned", "/busy", "/new"]);
    opened.forEach((one) => (one.loop.busy = 1));
    await expect(load("/more")).rejects.toMatchObject({ code: "MODEL_FAILED" });
    expect(live()).toEqual(["/pinned", "/busy", "/new"]);
  });

  test("is refused when the file itself is what is wrong, and nobody leaves", async () => {
    const { load, live, openings } = poolOf(5, { slow: true });
    const first = load("/a");
    await vi.waitFor(() => expect(openings).toHaveLength(1));
    openings[0]?.finish();
    await first;
    const broken = load("/broken");
    await vi.waitFor(() => expect(openings).toHaveLength(2));
    openings[1]?.finish(new TrustError("MODEL_INVALID", "broken"));
    await expect(broken).rejects.toMatchObject({ code: "MODEL_INVALID" });
    expect(live()).toEqual(["/a"]);
  });
});

describe("a load that two wait for", () => {
  test("goes on for the other when the one that began it goes away", async () => {
    const { load, openings, opened, pool } = poolOf(2, { slow: true });
    const abort = new AbortController();
    const first = load("/a", {}, abort.signal);
    await vi.waitFor(() => expect(openings).toHaveLength(1));
    const second = load("/a");
    abort.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    openings[0]?.finish();
    expect(await second).toMatchObject({ use: "chat" });
    expect(opened).toHaveLength(1);
    expect(pool.busy).toBe(0);
  });

  test("tells both how far it is, and ends when both are gone", async () => {
    const { pool, openings, live } = poolOf(2, { slow: true });
    const heard: number[][] = [[], []];
    const aborts = [new AbortController(), new AbortController()];
    const both = aborts.map(({ signal }, index) =>
      pool.acquire({ type: "load", request: 0, path: "/a" }, signal, (fraction) => heard[index]?.push(fraction)),
    );
    await vi.waitFor(() => expect(openings).toHaveLength(1));
    const { opening } = openings[0] ?? {};
    opening?.onProgress(0.5);
    aborts[0]?.abort();
    await expect(both[0]).rejects.toMatchObject({ name: "AbortError" });
    opening?.onProgress(0.7);
    expect(heard).toEqual([[0.5], [0.5, 0.7]]);
    expect(opening?.signal.aborted).toBe(false);
    aborts[1]?.abort();
    await expect(both[1]).rejects.toMatchObject({ name: "AbortError" });
    expect(opening?.signal.aborted).toBe(true);
    expect(pool.busy).toBe(0);
    expect(live()).toEqual([]);
  });

  test("that ended for all begins anew for the next, and what came too late is closed", async () => {
    const { load, openings, opened, live } = poolOf(2, { slow: true });
    const abort = new AbortController();
    const first = load("/a", {}, abort.signal);
    await vi.waitFor(() => expect(openings).toHaveLength(1));
    openings[0]?.finish();
    abort.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    const next = load("/a");
    await vi.waitFor(() => expect(openings).toHaveLength(2));
    openings[1]?.finish();
    await next;
    expect(opened).toHaveLength(2);
    expect(live()).toEqual(["/a"]);
  });

  test("ends for the one that goes away, at once, and not for the one that began it", async () => {
    const { load, openings } = poolOf(2, { slow: true });
    const first = load("/a");
    await vi.waitFor(() => expect(openings).toHaveLength(1));
    const abort = new AbortController();
    const second = load("/a", {}, abort.signal);
    abort.abort();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    openings[0]?.finish();
    expect(await first).toMatchObject({ use: "chat" });
  });

  test("fails for both when it fails", async () => {
    const { load, openings } = poolOf(2, { slow: true });
    const both = [load("/a"), load("/a")];
    await vi.waitFor(() => expect(openings).toHaveLength(1));
    openings[0]?.finish(new TrustError("MODEL_INVALID", "broken"));
    for (const one of both) await expect(one).rejects.toMatchObject({ code: "MODEL_INVALID" });
  });
});

describe("a file that is written anew", () => {
  test("is another model, with a number of its own, and the old one leaves in its time", async () => {
    const path = join(temporaryFolder(), "model.gguf");
    writeFileSync(path, "first");
    utimesSync(path, new Date(1000), new Date(1000));
    const { load, live, opened } = poolOf(3);
    await load(path);
    copyFileSync(path, `${path}.old`);
    writeFileSync(path, "other");
    await load(path);
    expect(opened.map(({ id }) => id)).toEqual([1, 2]);
    expect(live()).toHaveLength(2);
    await load(path);
    expect(opened).toHaveLength(2);
  });
});
