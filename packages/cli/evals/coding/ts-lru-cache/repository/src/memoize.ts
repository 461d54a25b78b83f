import { LruCache } from "./lru-cache.ts";
import type { CacheOptions } from "./lru-cache.ts";

/** Remembers what `compute` gave for each key. */
export function memoize<K, V>(compute: (key: K) => V, options: CacheOptions): (key: K) => V {
  const cache = new LruCache<K, { value: V }>(options);
  return (key) => {
    const known = cache.get(key);
    if (known !== undefined) return known.value;
    const value = compute(key);
    cache.set(key, { value });
    return value;
  };
}
