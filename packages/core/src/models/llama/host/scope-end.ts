const openers = "([{";
const closers = ")]}";

/**
 * Cuts what a model writes at a cursor where the scope of the cursor ends: at a bracket that closes what was opened
 * before the cursor, at a line indented less than the cursor's, and where it begins to repeat the text behind the
 * cursor. In the middle of a line it ends with the line. `push` gives what may be shown.
 */
export class ScopeEnd {
  readonly #indent: number;
  readonly #isInLine: boolean;
  readonly #nextLine: string;
  #depth = 0;
  #line = "";
  #isFirstLine = true;
  #quote = "";
  #held = "";
  ended = false;

  constructor(prefix: string, suffix: string) {
    const line = prefix.slice(prefix.lastIndexOf("\n") + 1);
    this.#indent = indentOf(line);
    this.#isInLine = (suffix.split("\n", 1)[0] ?? "").trim() !== "";
    this.#nextLine =
      suffix
        .split("\n")
        .find((one) => one.trim() !== "")
        ?.trim() ?? "";
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
    const rest = this.ended || this.#repeats(this.#held) ? "" : this.#held;
    this.#held = "";
    return rest;
  }

  #take(character: string): string {
    if (character === "\n") return this.#endLine();
    this.#line += character;
    if (!this.#isFirstLine && this.#line.trim() !== "" && indentOf(this.#line) < this.#indent && /\S/.test(character)) {
      if (this.#line.trim().length === 1) return this.#stop();
    }
    if (this.#closesScope(character)) return this.#stop();
    if (this.#isFirstLine) return character;
    this.#held += character;
    return "";
  }

  #endLine(): string {
    if (this.#isInLine && this.#isFirstLine) return this.#stop();
    if (!this.#isFirstLine && this.#repeats(this.#line)) return this.#stop();
    const shown = this.#held;
    this.#held = "\n";
    this.#line = "";
    this.#quote = "";
    this.#isFirstLine = false;
    return shown;
  }

  #repeats(line: string): boolean {
    return this.#nextLine.length > 2 && line.trim() === this.#nextLine;
  }

  #closesScope(character: string): boolean {
    if (this.#quote !== "") {
      if (character === this.#quote) this.#quote = "";
      return false;
    }
    if (character === '"' || character === "`") this.#quote = character;
    if (openers.includes(character)) this.#depth++;
    if (closers.includes(character)) this.#depth--;
    return this.#depth < 0;
  }

  #stop(): string {
    this.ended = true;
    this.#held = "";
    return "";
  }
}

const indentOf = (line: string): number => /^[ \t]*/.exec(line)?.[0].length ?? 0;
