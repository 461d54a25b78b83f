import { describe, expect, test } from "vitest";

import { AsyncQueue } from "../../src/protocol/index.ts";

async function collect<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe("a queue between callbacks and a loop", () => {
  test("gives everything in order, also what was pushed before anyone listened", async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    const collected = collect(queue);
    queue.push(2);
    setTimeout(() => {
      queue.push(3);
      queue.end();
    }, 5);
    expect(await collected).toEqual([1, 2, 3]);
  });

  test("delivers what was queued before it throws a failure", async () => {
    const queue = new AsyncQueue<string>();
    queue.push("a");
    queue.fail(new Error("broken"));
    const items: string[] = [];
    await expect(
      (async () => {
        for await (const item of queue) items.push(item);
      })(),
    ).rejects.toThrow("broken");
    expect(items).toEqual(["a"]);
  });

  test("ignores what comes after the end", async () => {
    const queue = new AsyncQueue<string>();
    queue.end();
    queue.push("late");
    expect(await collect(queue)).toEqual([]);
  });
});
