import { digit, largestInteger, naturalRange, type NumberLimit, type NumberRange } from "./integer-range.ts";
import { anyOf, type GrammarRules, literal, sequence } from "./rules.ts";

/** A limit of a number's magnitude in decimal digits; the fraction has no zeros at its end. */
interface Limit {
  whole: bigint;
  fraction: string;
  exclusive: boolean;
}
/** Digits after the point: GBNF for those of one and more, and whether there may be none. */
interface Digits {
  some: string[];
  none: boolean;
}

const noDigits: Digits = { some: [], none: false };
const mostFraction = 22;
const zero: NumberLimit = { value: 0, exclusive: false };
/** From here on, and below, numbers are usually written with an exponent. */
const exponentFrom = { large: 1e16, small: 1e-4 };

/**
 * GBNF for the numbers of a range, in decimal notation, and with an exponent where that is how very large and
 * very small numbers are written; undefined when there are none. Exact, but for limits among those.
 */
export function numberRange({ least, most }: NumberRange, rules: GrammarRules): string | undefined {
  const range = new DecimalRange(rules);
  const positive = isNegative(most)
    ? []
    : range.magnitudes(isNegative(least) || least === undefined ? zero : least, most);
  const top = isNegative(most) ? mirrored(most) : { value: 0, exclusive: true };
  const negative = least === undefined || isNegative(least) ? range.magnitudes(top, mirrored(least)) : [];
  const ways = [...positive, ...negative.map((way) => `"-" ${way}`)];
  return ways.length === 0 ? undefined : anyOf(ways);
}

const isNegative = (limit: NumberLimit | undefined): limit is NumberLimit => limit !== undefined && limit.value < 0;

function mirrored(limit: NumberLimit): NumberLimit;
function mirrored(limit: NumberLimit | undefined): NumberLimit | undefined;
function mirrored(limit: NumberLimit | undefined): NumberLimit | undefined {
  return limit === undefined ? undefined : { ...limit, value: -limit.value };
}

class DecimalRange {
  readonly #rules: GrammarRules;

  constructor(rules: GrammarRules) {
    this.#rules = rules;
  }

  /** The numbers from `least`, which is not negative, to `most`, without a sign. */
  magnitudes(least: NumberLimit, most: NumberLimit | undefined): string[] {
    const from = decimal(least, "down");
    const to = most === undefined ? { whole: largestInteger + 1n, fraction: "", exclusive: true } : decimal(most, "up");
    return [...this.#fixed(from, to), ...this.#withExponent(least, most)];
  }

  #fixed(from: Limit, to: Limit): string[] {
    if (from.whole > to.whole || from.whole > largestInteger) return [];
    if (from.whole === to.whole) return this.#number([from.whole.toString()], this.#between(from, to));
    const between = naturalRange(from.whole + 1n, to.whole - 1n);
    return [
      ...this.#number([from.whole.toString()], this.#atLeast(from)),
      ...between.map((whole) => sequence(whole, this.#fraction())),
      ...(to.whole > largestInteger ? [] : this.#number([to.whole.toString()], this.#atMost(to))),
    ];
  }

  #number(whole: readonly string[], fraction: Digits): string[] {
    if (!fraction.none && fraction.some.length === 0) return [];
    return whole.map((digits) => sequence(literal(digits), this.#fractionOf(fraction)));
  }

  #fraction(): string {
    return this.#rules.shared("fraction", () => `( "." ${this.#one()} )?`);
  }

  #fractionOf({ some, none }: Digits): string {
    if (some.length === 0) return "";
    if (none && some[0] === this.#one()) return this.#fraction();
    const fraction = `"." ${anyOf(some)}`;
    return none ? `( ${fraction} )?` : fraction;
  }

  #atLeast({ fraction, exclusive }: Pick<Limit, "fraction" | "exclusive">): Digits {
    const [first, ...rest] = fraction;
    if (first === undefined) {
      return exclusive ? { some: [this.#notOnlyZeros()], none: false } : { some: [this.#one()], none: true };
    }
    const value = Number(first);
    const above = value === 9 ? [] : [sequence(digit(value + 1, 9), this.#any())];
    return { some: [...above, ...after(value, this.#atLeast({ fraction: rest.join(""), exclusive }))], none: false };
  }

  #atMost({ fraction, exclusive }: Pick<Limit, "fraction" | "exclusive">): Digits {
    const [first, ...rest] = fraction;
    if (first === undefined) return exclusive ? noDigits : { some: [`"0"{1,${mostFraction}}`], none: true };
    const value = Number(first);
    const below = value === 0 ? [] : [sequence(digit(0, value - 1), this.#any())];
    return { some: [...below, ...after(value, this.#atMost({ fraction: rest.join(""), exclusive }))], none: true };
  }

  #between(from: Pick<Limit, "fraction" | "exclusive">, to: Pick<Limit, "fraction" | "exclusive">): Digits {
    if (from.fraction === "" && !from.exclusive) return this.#atMost(to);
    if (to.fraction === "") return noDigits;
    const low = Number(from.fraction[0] ?? 0);
    const high = Number(to.fraction[0]);
    const nextFrom = { ...from, fraction: from.fraction.slice(1) };
    const nextTo = { ...to, fraction: to.fraction.slice(1) };
    if (low > high) return noDigits;
    if (low === high) return { some: after(low, this.#between(nextFrom, nextTo)), none: false };
    const inside = high - low > 1 ? [sequence(digit(low + 1, high - 1), this.#any())] : [];
    const some = [...after(low, this.#atLeast(nextFrom)), ...inside, ...after(high, this.#atMost(nextTo))];
    return { some, none: false };
  }

  #withExponent(least: NumberLimit, most: NumberLimit | undefined): string[] {
    const mantissa = `[1-9] ${this.#fraction()} [eE]`;
    const large = `${mantissa} "+"? ( "1" [6-9] | [2-9] [0-9] | [1-9] [0-9]{2} )`;
    const small = `${mantissa} "-" ( "0"? [5-9] | [1-9] [0-9]{1,2} )`;
    return [
      ...(most === undefined || most.value >= exponentFrom.large ? [large] : []),
      ...(least.value < exponentFrom.small && (most === undefined || most.value > 0) ? [small] : []),
    ];
  }

  /** Any digits, also none. */
  #any(): string {
    return this.#rules.shared("digits", () => `[0-9]{0,${mostFraction - 1}}`);
  }

  #one(): string {
    return `[0-9] ${this.#any()}`;
  }

  #notOnlyZeros(): string {
    return `"0"{0,${mostFraction - 1}} [1-9] ${this.#any()}`;
  }
}

/** A digit and then these. */
const after = (value: number, { some, none }: Digits): string[] => [
  ...(none ? [literal(`${value}`)] : []),
  ...some.map((digits) => sequence(literal(`${value}`), digits)),
];

/** A limit that is not negative in decimal digits, cut `down` or `up` where there are too many. */
function decimal({ value, exclusive }: NumberLimit, cut: "down" | "up"): Limit {
  const magnitude = Math.abs(value);
  if (magnitude > Number(largestInteger)) return { whole: largestInteger + 1n, fraction: "", exclusive: false };
  const whole = BigInt(Math.floor(magnitude));
  const digits = fractionDigits(magnitude);
  if (digits.length <= mostFraction) return { whole, fraction: digits, exclusive };
  const kept = digits.slice(0, mostFraction);
  const fraction = cut === "down" ? kept : increased(kept);
  return { whole, fraction: fraction.replace(/0+$/, ""), exclusive: false };
}

/** The digits after the point of the shortest decimal that means this number. */
function fractionDigits(value: number): string {
  const [mantissa = "", exponent] = value.toString().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return exponent === undefined ? fraction : "0".repeat(-Number(exponent) - 1) + whole + fraction;
}

/** The same count of digits, more by one in the last place; they are never all nines. */
const increased = (digits: string): string => (BigInt(digits) + 1n).toString().padStart(digits.length, "0");
