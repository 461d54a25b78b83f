import { InvalidArgumentError } from "commander";

/** A number of things on the command line: whole, and above 0. */
export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("it must be a whole number above 0");
  return number;
}
