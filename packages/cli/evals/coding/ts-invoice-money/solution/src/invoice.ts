import { parseCents, percentOf } from "./money.ts";

export interface Line {
  text: string;
  quantity: number;
  /** In euros, such as "19.99". */
  price: string;
  /** In percent. */
  taxRate: number;
}

/** In cents. */
export interface Totals {
  net: number;
  tax: number;
  gross: number;
}

export const lineCents = ({ quantity, price }: Line): number => quantity * parseCents(price);

export function invoiceTotals(lines: readonly Line[]): Totals {
  const byRate = new Map<number, number>();
  for (const line of lines) byRate.set(line.taxRate, (byRate.get(line.taxRate) ?? 0) + lineCents(line));
  let net = 0;
  let tax = 0;
  for (const [rate, cents] of byRate) {
    net += cents;
    tax += percentOf(cents, rate);
  }
  return { net, tax, gross: net + tax };
}
