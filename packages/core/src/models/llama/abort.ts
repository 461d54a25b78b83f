const abortGraceMilliseconds = 120;

/** Starts something, and waits for it no longer than until `signal` aborts; not at all when it already has. */
export async function abortable<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Passes replies on, and stops waiting for a host that is slow to notice an abort. */
export async function* boundedByAbort<T>(
  replies: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  const iterator = replies[Symbol.asyncIterator]();
  const late = abortDeadline(signal);
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), late.passed]);
      if (next === "late" || next.done === true) return;
      yield next.value;
    }
  } finally {
    late.clear();
    void iterator.return?.();
  }
}

function abortDeadline(signal: AbortSignal): { passed: Promise<"late">; clear(): void } {
  const { promise, resolve } = Promise.withResolvers<"late">();
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => resolve("late"), abortGraceMilliseconds);
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  return {
    passed: promise,
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", start);
    },
  };
}
