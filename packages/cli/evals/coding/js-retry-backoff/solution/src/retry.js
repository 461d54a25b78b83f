import { sleep } from "./sleep.js";

/**
 * Calls `work(attempt)` until it succeeds, at most `attempts` times; attempts count from 1. The wait doubles each time.
 * `wait` is what waits, so that tests need not.
 */
export async function retry(work, options = {}) {
  const { attempts = 3, delay = 100, wait = sleep, maxDelay = Infinity, shouldRetry = () => true, signal } = options;
  let pause = delay;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= attempts || !shouldRetry(error, attempt)) throw error;
    }
    await untilAborted(wait(Math.min(pause, maxDelay)), signal);
    pause *= 2;
  }
}

async function untilAborted(waiting, signal) {
  if (signal === undefined) return waiting;
  let onAbort;
  const aborted = new Promise((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([waiting, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
