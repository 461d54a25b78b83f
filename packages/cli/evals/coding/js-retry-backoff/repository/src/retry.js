import { sleep } from "./sleep.js";

/**
 * Calls `work(attempt)` until it succeeds, at most `attempts` times; attempts count from 1. The wait doubles each time.
 * `wait` is what waits, so that tests need not.
 */
export async function retry(work, { attempts = 3, delay = 100, wait = sleep } = {}) {
  let pause = delay;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= attempts) throw error;
    }
    await wait(pause);
    pause *= 2;
  }
}
