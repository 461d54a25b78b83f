import { invoiceTotals, lineCents } from "./invoice.ts";
import type { Line } from "./invoice.ts";
import { formatCents } from "./money.ts";

const width = 32;

/** One line for each item, then net, tax and gross, with amounts flush right. */
export function renderInvoice(lines: readonly Line[]): string {
  const { net, tax, gross } = invoiceTotals(lines);
  const items = lines.map((line) => row(`${line.quantity} x ${line.text}`, lineCents(line)));
  return [...items, "-".repeat(width), row("net", net), row("tax", tax), row("gross", gross), ""].join("\n");
}

function row(text: string, cents: number): string {
  const shown = formatCents(cents);
  return text.padEnd(width - shown.length) + shown;
}
