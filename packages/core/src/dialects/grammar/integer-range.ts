import { anyOf, literal, repeated, sequence } from "./rules.ts";

/** Limits of a number; an absent one is open. */
export interface NumberRange {
  least?: NumberLimit | undefined;
  most?: NumberLimit | undefined;
}
export interface NumberLimit {
  value: number;
  exclusive: boolean;
}

/** Integers have at most 16 digits. */
export const largestInteger = 10n ** 16n - 1n;

/** GBNF for the integers of a range, without leading zeros and `-0`; undefined when there are none. */
export function integerRange({ least, most }: NumberRange): string | undefined {
  const from = least === undefined ? -largestInteger : wholeAtLeast(least);
  const to = most === undefined ? largestInteger : -wholeAtLeast({ ...most, value: -most.value });
  const ways = [
    ...(from < 0n ? naturalRange(to < 0n ? -to : 1n, -from).map((digits) => `"-" ${digits}`) : []),
    ...(from <= 0n && 0n <= to ? ['"0"'] : []),
    ...(to > 0n ? naturalRange(from > 0n ? from : 1n, to) : []),
  ];
  return ways.length === 0 ? undefined : anyOf(ways);
}

function wholeAtLeast({ value, exclusive }: NumberLimit): bigint {
  if (!Number.isFinite(value)) return value < 0 ? -largestInteger : largestInteger + 1n;
  return BigInt(Math.ceil(value)) + (exclusive && Number.isInteger(value) ? 1n : 0n);
}

/** The digits of the integers from `from` to `to`, both positive. */
export function naturalRange(from: bigint, to: bigint): string[] {
  const top = to > largestInteger ? largestInteger : to;
  if (from > top) return [];
  const low = from.toString();
  const high = top.toString();
  if (low.length === high.length) return [digitRange(low, high)];
  // So many digits that every number of them is within the range.
  const least = /^10*$/.test(low) ? low.length : low.length + 1;
  const most = /^9*$/.test(high) ? high.length : high.length - 1;
  return [
    ...(least > low.length ? [digitRange(low, "9".repeat(low.length))] : []),
    ...(least > most ? [] : [sequence("[1-9]", someDigits(least - 1, most - 1))]),
    ...(most < high.length ? [digitRange(`1${"0".repeat(high.length - 1)}`, high)] : []),
  ];
}

/** All digit strings from `low` to `high`, which are equally long. */
function digitRange(low: string, high: string): string {
  if (low === high) return literal(low);
  const rest = low.length - 1;
  const [from, to] = [Number(low[0]), Number(high[0])];
  if (from === to) return sequence(literal(`${from}`), digitRange(low.slice(1), high.slice(1)));
  const takesAllLow = /^.0*$/.test(low);
  const takesAllHigh = /^.9*$/.test(high);
  const first = takesAllLow ? from : from + 1;
  const last = takesAllHigh ? to : to - 1;
  return anyOf([
    ...(takesAllLow ? [] : [sequence(literal(`${from}`), digitRange(low.slice(1), "9".repeat(rest)))]),
    ...(first > last ? [] : [sequence(digit(first, last), someDigits(rest, rest))]),
    ...(takesAllHigh ? [] : [sequence(literal(`${to}`), digitRange("0".repeat(rest), high.slice(1)))]),
  ]);
}

export const digit = (from: number, to: number): string => (from === to ? literal(`${from}`) : `[${from}-${to}]`);

const someDigits = (least: number, most: number): string => repeated("[0-9]", least, most);
