const openers = "([{";
const closers = ")]}";
/** Of the text behind the cursor, so many characters tell where the cursor's scope ends. */
const looksAhead = 8192;

/**
 * Cuts what a model writes at a cursor where the scope of the cursor ends: at a bracket that closes what was opened
 * before the cursor, unless that was in its line and nothing behind the cursor closes it, at a line indented less than the cursor's, and where it begins to repeat
 * the text behind the cursor. In the middle of a line it ends with the line. `push` gives what may be shown; where text
 * is cut depends on the text alone, not on how it was split.
 */
export class ScopeEnd {
  ended = false;
  readonly #indent: number;
  readonly #isInLine: boolean;
  readonly #nextLine: string;
  readonly #brackets = new Brackets();
  #line = "";
  #isFirstLine = true;
  #held = "";

  constructor(prefix: string, suffix: string) {
    const line = prefix.slice(prefix.lastIndexOf("\n") + 1);
    const behind = suffix.slice(0, looksAhead).split("\n");
    const [rest = ""] = behind;
    this.#indent = indentOf(line);
    this.#isInLine = rest.trim() !== "";
    this.#nextLine = behind.find((one) => one.trim() !== "")?.trim() ?? "";
    this.#brackets.readAll(line);
    this.#brackets.opened = openBrackets(line, behind, this.#indent);
  }

  push(text: string): string {
    let shown = "";
    for (const character of text) {
      if (this.ended) break;
      shown += this.#take(character);
    }
    return shown;
  }

  /** The last line, held back until it was known whether it belongs to the scope. */
  end(): string {
    const rest = this.ended || this.#repeats(this.#line) ? "" : this.#held;
    this.#held = "";
    return rest;
  }

  #take(character: string): string {
    if (character === "\n") return this.#endLine();
    const wasBlank = this.#line.trim() === "";
    this.#line += character;
    const begins = wasBlank && character.trim() !== "" && !this.#isFirstLine;
    if (begins && indentOf(this.#line) < this.#indent) return this.#stop();
    if (this.#brackets.read(character)) return this.#stop();
    this.#held += character;
    return this.#isFirstLine && character !== "\r" ? this.#release("") : "";
  }

  #endLine(): string {
    if (this.#isInLine && this.#isFirstLine) return this.#stop();
    if (!this.#isFirstLine && this.#repeats(this.#line)) return this.#stop();
    const isBlank = !this.#isFirstLine && this.#line.trim() === "";
    const lineEnd = this.#held.endsWith("\r") ? "\r" : "";
    this.#brackets.endLine();
    this.#line = "";
    this.#isFirstLine = false;
    // An empty line belongs to the scope only when something of it follows.
    const shown = isBlank ? "" : this.#release(lineEnd);
    this.#held += "\n";
    return shown;
  }

  /** All that was held back but this at its end. */
  #release(kept: string): string {
    const shown = this.#held.slice(0, this.#held.length - kept.length);
    this.#held = kept;
    return shown;
  }

  #repeats(line: string): boolean {
    return !this.#isFirstLine && this.#nextLine.length > 2 && line.trim() === this.#nextLine;
  }

  #stop(): string {
    this.ended = true;
    this.#held = "";
    return "";
  }
}

/** Counts brackets outside of quotes. No quote goes beyond its line; apostrophes are no quotes: prose has them. */
class Brackets {
  /** Opened and not closed. */
  opened = 0;
  #quote = "";
  #isEscaped = false;

  /** True for a bracket that closes what was opened before. */
  read(character: string): boolean {
    const isEscaped = this.#isEscaped;
    this.#isEscaped = character === "\\" && !isEscaped && this.#quote !== "";
    if (this.#quote !== "") {
      if (character === this.#quote && !isEscaped) this.#quote = "";
      return false;
    }
    if (character === '"' || character === "`") this.#quote = character;
    if (openers.includes(character)) this.opened++;
    if (!closers.includes(character)) return false;
    if (this.opened === 0) return true;
    this.opened--;
    return false;
  }

  readAll(text: string): void {
    for (const character of text) this.read(character);
  }

  endLine(): void {
    this.#quote = "";
    this.#isEscaped = false;
  }
}

/** Brackets of the cursor's line that are closed neither in it nor where the next line at its indent begins. */
function openBrackets(line: string, [rest = "", ...below]: readonly string[], indent: number): number {
  const brackets = new Brackets();
  brackets.readAll(line);
  let open = brackets.opened;
  for (const character of rest) {
    brackets.read(character);
    open = Math.min(open, brackets.opened);
  }
  const next = below.find((one) => one.trim() !== "" && indentOf(one) <= indent) ?? "";
  const closing = indentOf(next) === indent ? (/^[)\]}]*/.exec(next.trim())?.[0].length ?? 0) : 0;
  return Math.max(0, open - closing);
}

const indentOf = (line: string): number => /^[ \t]*/.exec(line)?.[0].length ?? 0;
