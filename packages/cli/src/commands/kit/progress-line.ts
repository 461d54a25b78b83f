import type { Progress } from "@trust-cli/core/modelkit";

const redrawMilliseconds = 100;
const eraseLine = "\r\u001b[K";

/** A line on stderr that says how far the work is, only at a terminal. It is gone when the work is. */
export function progressLine(what: string): Disposable & { onProgress: Progress } {
  let drawn = -Infinity;
  const onProgress: Progress = ({ done, total }) => {
    const now = performance.now();
    if (!process.stderr.isTTY || now - drawn < redrawMilliseconds) return;
    drawn = now;
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    process.stderr.write(`${eraseLine}${what} ${percent} % of ${sizeText(total)}`);
  };
  return {
    onProgress,
    [Symbol.dispose]: () => {
      if (drawn > -Infinity) process.stderr.write(eraseLine);
    },
  };
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes for people: `4.2 GiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? "B"}`;
}
