/** Whole cents of a text such as "12.34". Throws RangeError for anything else. */
export function parseCents(text: string): number {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  if (match === null) throw new RangeError(`${JSON.stringify(text)} is no amount`);
  const cents = Number(match[2]) * 100 + Number((match[3] ?? "").padEnd(2, "0"));
  return match[1] === "-" && cents !== 0 ? -cents : cents;
}

export function formatCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Rounded half away from zero. */
export function percentOf(cents: number, percent: number): number {
  const exact = Number(((Math.abs(cents) * percent) / 100).toFixed(6));
  const rounded = Math.floor(exact + 0.5);
  return cents < 0 && rounded !== 0 ? -rounded : rounded;
}
