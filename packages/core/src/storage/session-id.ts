import { randomBytes } from "node:crypto";

/** Crockford's base 32: no letters that look alike. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeLetters = 9;
const randomLetters = 5;

/** Sorts by time of creation: 45 bits of milliseconds, then 25 random bits. */
export function newSessionId(now: number): string {
  let time = "";
  for (let rest = now, index = 0; index < timeLetters; index++) {
    time = (alphabet[rest % 32] ?? "0") + time;
    rest = Math.floor(rest / 32);
  }
  const random = [...randomBytes(randomLetters)].map((byte) => alphabet[byte % 32] ?? "0").join("");
  return time + random;
}
