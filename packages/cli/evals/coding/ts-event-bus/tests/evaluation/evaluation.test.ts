import assert from "node:assert/strict";
import { test } from "node:test";

import { EventBus } from "../src/bus.ts";
import { Store } from "../src/store.ts";

type Events = { tick: number; other: string };

test("a handler that removes itself skips nobody", () => {
  const bus = new EventBus<Events>();
  const seen: string[] = [];
  const off = bus.on("tick", () => {
    seen.push("a");
    off();
  });
  bus.on("tick", () => seen.push("b"));
  bus.on("tick", () => seen.push("c"));
  bus.emit("tick", 1);
  bus.emit("tick", 2);
  assert.deepEqual(seen, ["a", "b", "c", "b", "c"]);
});

test("a handler that is added during delivery waits for the next event", () => {
  const bus = new EventBus<Events>();
  const seen: string[] = [];
  let added = false;
  bus.on("tick", (n) => {
    seen.push(`a${n}`);
    if (!added) bus.on("tick", (m) => seen.push(`late${m}`));
    added = true;
  });
  bus.emit("tick", 1);
  assert.deepEqual(seen, ["a1"]);
  bus.emit("tick", 2);
  assert.deepEqual(seen, ["a1", "a2", "late2"]);
});

test("one that was removed before its turn is not called", () => {
  const bus = new EventBus<Events>();
  const seen: string[] = [];
  let offB = (): void => undefined;
  bus.on("tick", () => offB());
  offB = bus.on("tick", () => seen.push("b"));
  bus.emit("tick", 1);
  assert.deepEqual(seen, []);
});

test("once runs once, even when it emits again or throws", () => {
  const bus = new EventBus<Events>();
  let calls = 0;
  bus.once("tick", (n) => {
    calls++;
    if (n < 5) bus.emit("tick", n + 1);
  });
  bus.emit("tick", 1);
  assert.equal(calls, 1);
  bus.once("tick", () => {
    calls++;
    throw new Error("broken");
  });
  assert.throws(() => bus.emit("tick", 1));
  bus.emit("tick", 1);
  assert.equal(calls, 2);
  assert.equal(bus.count("tick"), 0);
  const off = bus.once("tick", () => calls++);
  off();
  bus.emit("tick", 1);
  assert.equal(calls, 2);
});

test("errors are collected, and the others run", () => {
  const bus = new EventBus<Events>();
  const seen: string[] = [];
  bus.on("tick", () => {
    throw new Error("one");
  });
  bus.on("tick", () => seen.push("ran"));
  bus.on("tick", () => {
    throw new Error("two");
  });
  assert.throws(
    () => bus.emit("tick", 1),
    (error) => error instanceof AggregateError && error.errors.map(({ message }) => message).join() === "one,two",
  );
  assert.deepEqual(seen, ["ran"]);
});

test("subscriptions of the same function are apart", () => {
  const bus = new EventBus<Events>();
  let calls = 0;
  const handler = (): void => void calls++;
  const off = bus.on("tick", handler);
  bus.on("tick", handler);
  bus.on("other", handler);
  off();
  off();
  assert.equal(bus.count("tick"), 1);
  bus.emit("tick", 1);
  bus.emit("other", "x");
  assert.equal(calls, 2);
});

test("stores tell each change", () => {
  const store = new Store(1);
  const seen: number[][] = [];
  const off = store.subscribe((after, before) => {
    seen.push([before, after]);
    off();
  });
  store.subscribe((after, before) => seen.push([before * 10, after * 10]));
  store.set(1);
  store.set(2);
  assert.deepEqual(seen, [[1, 2], [10, 20]]);
});
