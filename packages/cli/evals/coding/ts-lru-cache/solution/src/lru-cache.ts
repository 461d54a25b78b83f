import { systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";

export interface CacheOptions {
  /** Most live entries at a time. */
  capacity: number;
  /** How long an entry lives, in milliseconds. Default: for ever. */
  ttl?: number;
  clock?: Clock;
}

interface Entry<V> {
  value: V;
  expires: number;
}

/** Keeps the entries that were used last. */
export class LruCache<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #capacity: number;
  readonly #ttl: number;
  readonly #clock: Clock;

  constructor({ capacity, ttl = Infinity, clock = systemClock }: CacheOptions) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError("capacity must be a whole number above 0");
    this.#capacity = capacity;
    this.#ttl = ttl;
    this.#clock = clock;
  }

  get size(): number {
    this.#dropExpired();
    return this.#entries.size;
  }

  has(key: K): boolean {
    return this.#live(key) !== undefined;
  }

  get(key: K): V | undefined {
    const entry = this.#live(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#capacity) this.#dropExpired();
    if (this.#entries.size >= this.#capacity) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, { value, expires: this.#clock.now() + this.#ttl });
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  #live(key: K): Entry<V> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expires > this.#clock.now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #dropExpired(): void {
    for (const key of [...this.#entries.keys()]) this.#live(key);
  }
}
