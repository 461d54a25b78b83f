export interface Line {
  text: string;
  quantity: number;
  /** In euros. */
  price: number;
  /** In percent. */
  taxRate: number;
}

export interface Totals {
  net: number;
  tax: number;
  gross: number;
}

export function invoiceTotals(lines: readonly Line[]): Totals {
  let net = 0;
  let tax = 0;
  for (const { quantity, price, taxRate } of lines) {
    net += quantity * price;
    tax += Math.round(quantity * price * taxRate) / 100;
  }
  return { net, tax, gross: net + tax };
}
