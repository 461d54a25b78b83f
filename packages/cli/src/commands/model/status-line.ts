const redrawMilliseconds = 100;
const eraseLine = "\r\u001b[K";

/** A line on stderr that says what is going on, only at a terminal. It is gone when the work is. */
export function statusLine(): Disposable & { show(text: string): void } {
  let drawn = -Infinity;
  return {
    show(text) {
      const now = performance.now();
      if (!process.stderr.isTTY || now - drawn < redrawMilliseconds) return;
      drawn = now;
      process.stderr.write(`${eraseLine}${text}`);
    },
    [Symbol.dispose]: () => {
      if (drawn > -Infinity) process.stderr.write(eraseLine);
    },
  };
}
