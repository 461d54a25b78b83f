/** Runs the work for every item, some at once. The first failure stops the others, and is thrown when they stopped. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let failed: { error: unknown } | undefined;
  const queue = items.values();
  const run = async (): Promise<void> => {
    for (const item of queue) {
      if (either.aborted) return;
      try {
        await work(item, either);
      } catch (error) {
        failed ??= { error };
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, run));
  signal.throwIfAborted();
  if (failed !== undefined) throw failed.error;
}
