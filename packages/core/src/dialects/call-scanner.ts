import { tryParseJson } from "./call-arguments.ts";

/** Keys under which models write a call's arguments; the first is the proper one. */
export const argumentKeys: readonly string[] = ["arguments", "parameters"];

const blank = /\s/;
const outsideString = /[\s{}[\]:,"\d+\-.a-zE]/;
const lowestLegalInString = " ";

/**
 * Follows the JSON object of a call as it is written: finds the name as soon as it is complete and the raw
 * text of the arguments as it grows. It never judges the whole; the reader of the finished body does.
 */
export class CallScanner {
  /** The called tool, once its name was read. */
  name: string | undefined;
  /** The object's last brace was read. */
  complete = false;
  /** Text that no JSON has was read: where strings begin and end is no longer known. */
  broken = false;

  #depth = 0;
  #inString = false;
  #escaped = false;
  #expectsKey = false;
  #key = "";
  /** Collects a string of the object itself: a key, or the value of `name`. */
  #collected: string | undefined;
  #delta = "";

  /** A marker cannot begin here: what looks like one is the content of a string. */
  get inString(): boolean {
    return this.#inString && !this.broken;
  }

  /** The arguments' text since the last call. */
  takeDelta(): string {
    const delta = this.#delta;
    this.#delta = "";
    return delta;
  }

  push(unit: string): void {
    if (this.broken || (this.complete && blank.test(unit))) return;
    if (this.complete) this.broken = true;
    else if (this.#inString) this.#inside(unit);
    else this.#outside(unit);
  }

  #inside(unit: string): void {
    if (unit < lowestLegalInString) {
      this.broken = true;
      return;
    }
    this.#collectArgument(unit);
    if (unit === '"' && !this.#escaped) {
      this.#inString = false;
      this.#endString();
      return;
    }
    if (this.#collected !== undefined) this.#collected += unit;
    this.#escaped = unit === "\\" && !this.#escaped;
  }

  #outside(unit: string): void {
    this.broken = !this.#mayFollow(unit);
    if (this.broken) return;
    if (unit === "}" || unit === "]") this.#depth--;
    const structural = this.#depth === 1 && this.#structure(unit);
    if (!structural && this.#depth > 0) this.#collectArgument(unit);
    if (unit === "{" || unit === "[") this.#open();
    else if (unit === '"') this.#beginString();
    else this.complete = this.#depth === 0 && unit === "}";
  }

  #mayFollow(unit: string): boolean {
    return this.#depth > 0 ? outsideString.test(unit) : unit === "{" || blank.test(unit);
  }

  #open(): void {
    this.#depth++;
    if (this.#depth === 1) this.#expectsKey = true;
  }

  /** Handles the commas and colons of the object itself. */
  #structure(unit: string): boolean {
    if (unit === ",") {
      this.#expectsKey = true;
      this.#key = "";
      return true;
    }
    if (unit !== ":") return false;
    this.#expectsKey = false;
    return true;
  }

  #beginString(): void {
    this.#inString = true;
    const wanted = this.#depth === 1 && (this.#expectsKey || this.#key === "name");
    this.#collected = wanted ? "" : undefined;
  }

  #endString(): void {
    if (this.#collected === undefined) return;
    const text = decodeString(this.#collected);
    this.#collected = undefined;
    if (this.#expectsKey) this.#key = text;
    else if (text !== "") this.name ??= text;
  }

  #collectArgument(unit: string): void {
    if (this.#expectsKey || !argumentKeys.includes(this.#key)) return;
    const aroundValue = this.#depth === 1 && !this.#inString && blank.test(unit);
    if (aroundValue) return;
    this.#delta += unit;
  }
}

function decodeString(body: string): string {
  if (!body.includes("\\")) return body;
  const parsed = tryParseJson(`"${body}"`, "string");
  return parsed.ok ? String(parsed.value) : body;
}
