import type { Line } from "./invoice.ts";

/** The same lines at a lower price. */
export function withDiscount(lines: readonly Line[], percent: number): Line[] {
  return lines.map((line) => ({ ...line, price: line.price * (1 - percent / 100) }));
}
