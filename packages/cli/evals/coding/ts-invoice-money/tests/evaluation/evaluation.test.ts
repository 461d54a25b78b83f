import assert from "node:assert/strict";
import { test } from "node:test";

import { withDiscount } from "../src/discount.ts";
import { invoiceTotals } from "../src/invoice.ts";
import { formatCents, parseCents, percentOf } from "../src/money.ts";
import { renderInvoice } from "../src/render.ts";

test("texts become cents exactly", () => {
  const cases = [["12.34", 1234], ["0.07", 7], ["-3.5", -350], ["8", 800], ["1.10", 110], ["4.35", 435], ["-0.05", -5]] as const;
  for (const [text, cents] of cases) assert.equal(parseCents(text), cents, text);
  for (const text of ["", "1.234", "abc", "1,50", "1e3", "--1"]) {
    assert.throws(() => parseCents(text), RangeError, text);
  }
});

test("cents become texts", () => {
  assert.deepEqual([0, 7, -7, 110, -12345, 100000].map(formatCents), ["0.00", "0.07", "-0.07", "1.10", "-123.45", "1000.00"]);
});

test("percentages round half away from zero", () => {
  assert.equal(percentOf(50, 5), 3);
  assert.equal(percentOf(-50, 5), -3);
  assert.equal(percentOf(1999, 19), 380);
  assert.equal(percentOf(115, 7), 8);
  assert.equal(percentOf(-1050, 19), -200);
});

test("totals are whole cents, and tax is rounded once for each rate", () => {
  const lines = Array.from({ length: 3 }, (_, index) => ({ text: `i${index}`, quantity: 1, price: "0.13", taxRate: 19 }));
  assert.deepEqual(invoiceTotals(lines), { net: 39, tax: 7, gross: 46 });
  const mixed = [
    { text: "a", quantity: 3, price: "1.10", taxRate: 19 },
    { text: "b", quantity: 1, price: "0.99", taxRate: 7 },
    { text: "c", quantity: -1, price: "0.05", taxRate: 19 },
  ];
  assert.deepEqual(invoiceTotals(mixed), { net: 424, tax: 69, gross: 493 });
  assert.deepEqual(invoiceTotals([]), { net: 0, tax: 0, gross: 0 });
});

test("the layout stays", () => {
  const text = renderInvoice([{ text: "Pen", quantity: 3, price: "1.10", taxRate: 19 }]);
  const expected = ["3 x Pen                     3.30", "-".repeat(32), "net                         3.30", "tax                         0.63", "gross                       3.93", ""];
  assert.equal(text, expected.join("\n"));
});

test("discounts stay exact texts", () => {
  const [line] = withDiscount([{ text: "a", quantity: 1, price: "19.99", taxRate: 19 }], 10);
  assert.equal(line?.price, "17.99");
  assert.equal(invoiceTotals([line!]).net, 1799);
});
