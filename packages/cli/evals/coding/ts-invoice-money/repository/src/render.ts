import { invoiceTotals } from "./invoice.ts";
import type { Line } from "./invoice.ts";

const width = 32;

/** One line for each item, then net, tax and gross, with amounts flush right. */
export function renderInvoice(lines: readonly Line[]): string {
  const { net, tax, gross } = invoiceTotals(lines);
  const items = lines.map(({ text, quantity, price }) => row(`${quantity} x ${text}`, quantity * price));
  return [...items, "-".repeat(width), row("net", net), row("tax", tax), row("gross", gross), ""].join("\n");
}

function row(text: string, amount: number): string {
  const shown = amount.toFixed(2);
  return text.padEnd(width - shown.length) + shown;
}
