import { PassThrough } from "node:stream";

import { describe, expect, test } from "vitest";

import { lineBatches } from "../../../src/commands/dialect/line-batches.ts";

const never = (): AbortSignal => new AbortController().signal;

describe("lines in batches", () => {
  test("come as soon as the input pauses, while it is still open", async () => {
    const input = new PassThrough();
    const batches = lineBatches(input, 500, never());
    input.write("one\ntwo\nthr");
    expect((await batches.next()).value).toEqual(["one", "two"]);
    input.end("ee");
    expect((await batches.next()).value).toEqual(["three"]);
    expect((await batches.next()).done).toBe(true);
  });

  test("are at most as many as asked for, and none is lost", async () => {
    const input = new PassThrough();
    input.end("x\n".repeat(12));
    const sizes = (await Array.fromAsync(lineBatches(input, 5, never()))).map((lines) => lines.length);
    expect(sizes).toEqual([5, 5, 2]);
  });

  test("end at once on abort, though nothing comes", async () => {
    const controller = new AbortController();
    const input = new PassThrough();
    const next = lineBatches(input, 5, controller.signal).next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ name: "AbortError" });
    expect(input.destroyed).toBe(true);
  });
});
