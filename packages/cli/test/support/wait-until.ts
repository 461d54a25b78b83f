const pollMilliseconds = 20;

/** Waits until `isTrue`; fails with `what` after `seconds`. */
export async function waitUntil(what: string, isTrue: () => boolean, seconds = 20): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`${what} did not happen in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  }
}
