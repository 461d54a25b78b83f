import type { Reference } from "../protocol/code.ts";

interface Uses {
  lines: number[];
  /** Whether one of them stands where no local name can. */
  isMember: boolean;
}

/** Names used in a file, by line; those of its locals are noise and left out. */
export class NameUses {
  readonly #uses = new Map<string, Uses>();
  readonly #locals = new Set<string>();

  addLocal(name: string): void {
    this.#locals.add(name);
  }

  /** Lines must come in order. */
  add(name: string, line: number, isMember: boolean): void {
    const uses = this.#uses.get(name);
    if (uses === undefined) {
      this.#uses.set(name, { lines: [line], isMember });
      return;
    }
    uses.isMember ||= isMember;
    if (uses.lines.at(-1) !== line) uses.lines.push(line);
  }

  /** `known`: names that the file defines or imports, which stay though a local is called the same. */
  references(known: ReadonlySet<string>): Reference[] {
    const found: Reference[] = [];
    for (const [name, { lines, isMember }] of this.#uses) {
      if (isMember || known.has(name) || !this.#locals.has(name)) found.push({ name, lines });
    }
    return found;
  }
}
