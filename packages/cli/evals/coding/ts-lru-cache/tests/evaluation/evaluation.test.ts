import assert from "node:assert/strict";
import { test } from "node:test";

import { ManualClock } from "../src/clock.ts";
import { LruCache } from "../src/lru-cache.ts";
import { memoize } from "../src/memoize.ts";

test("falsy values are values", () => {
  const cache = new LruCache<string, unknown>({ capacity: 5 });
  for (const [key, value] of [["a", 0], ["b", ""], ["c", false], ["d", null]] as const) {
    cache.set(key, value);
    assert.equal(cache.get(key), value);
    assert.equal(cache.has(key), true);
  }
  assert.equal(cache.get("none"), undefined);
});

test("a new value for a known key evicts nobody and makes it the youngest", () => {
  const cache = new LruCache<string, number>({ capacity: 2 });
  cache.set("a", 1);
  cache.set("b", 2);
  cache.set("a", 3);
  assert.equal(cache.size, 2);
  assert.equal(cache.get("b"), 2);
  cache.set("a", 4);
  cache.set("c", 5);
  assert.equal(cache.has("b"), false);
  assert.equal(cache.get("a"), 4);
});

test("reading protects, looking with has does not lose anything", () => {
  const cache = new LruCache<string, number>({ capacity: 2 });
  cache.set("a", 1);
  cache.set("b", 2);
  cache.get("a");
  cache.set("c", 3);
  assert.deepEqual([cache.has("a"), cache.has("b"), cache.has("c")], [true, false, true]);
});

test("an entry is gone exactly at its time, everywhere", () => {
  const clock = new ManualClock();
  const cache = new LruCache<string, number>({ capacity: 3, ttl: 100, clock });
  cache.set("a", 1);
  clock.advance(99);
  assert.equal(cache.get("a"), 1);
  assert.equal(cache.size, 1);
  clock.advance(1);
  assert.equal(cache.size, 0);
  assert.equal(cache.has("a"), false);
  assert.equal(cache.get("a"), undefined);
});

test("an expired entry goes before a live one", () => {
  const clock = new ManualClock();
  const cache = new LruCache<string, number>({ capacity: 2, ttl: 100, clock });
  cache.set("old", 1);
  clock.advance(50);
  cache.set("live", 2);
  cache.get("old");
  clock.advance(60);
  cache.set("new", 3);
  assert.equal(cache.get("live"), 2);
  assert.equal(cache.get("new"), 3);
  assert.equal(cache.size, 2);
});

test("memoize computes each key once", () => {
  let calls = 0;
  const half = memoize((n: number) => (calls++, n / 2), { capacity: 2 });
  assert.deepEqual([half(0), half(0), half(4), half(4)], [0, 0, 2, 2]);
  assert.equal(calls, 2);
});
