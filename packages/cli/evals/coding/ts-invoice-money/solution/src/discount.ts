import type { Line } from "./invoice.ts";
import { formatCents, parseCents, percentOf } from "./money.ts";

/** The same lines at a lower price. */
export function withDiscount(lines: readonly Line[], percent: number): Line[] {
  return lines.map((line) => {
    const cents = parseCents(line.price);
    return { ...line, price: formatCents(cents - percentOf(cents, percent)) };
  });
}
