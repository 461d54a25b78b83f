/** Deeper values overflow the stack of whatever walks over them later. */
export const deepestJson = 200;

/** Follows a JSON object or list character by character to its end. */
export class JsonDepth {
  #depth = 0;
  #quoted = false;
  #escaped = false;

  get isTooDeep(): boolean {
    return this.#depth > deepestJson;
  }

  /** True when `character` ends the value that the first character opened. */
  push(character: string): boolean {
    if (this.#quoted) this.#inString(character);
    else if (character === '"') this.#quoted = true;
    else if (character === "{" || character === "[") this.#depth++;
    else if (character === "}" || character === "]") return --this.#depth === 0;
    return false;
  }

  #inString(character: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === "\\") this.#escaped = true;
    else this.#quoted = character !== '"';
  }
}
