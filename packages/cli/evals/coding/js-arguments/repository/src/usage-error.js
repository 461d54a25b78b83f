/** A mistake of the person at the keyboard. */
export class UsageError extends Error {
  name = "UsageError";
}
