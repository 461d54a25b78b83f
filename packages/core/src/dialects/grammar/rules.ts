import { charactersOf } from "./code-points.ts";

/** A GBNF grammar in the making (llama.cpp, grammars/README.md): named rules whose bodies are GBNF expressions. */
export class GrammarRules {
  readonly #bodies = new Map<string, string>();
  readonly #shared = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #suffixes = new Map<string, number>();
  #length = 0;

  /** Characters of all rules so far. */
  get length(): number {
    return this.#length;
  }

  /** A new name made from `wish`; its rule must be defined before the grammar is used. */
  reserve(wish: string): string {
    const base = sanitize(wish);
    let name = base;
    while (this.#names.has(name)) {
      const suffix = (this.#suffixes.get(base) ?? 1) + 1;
      this.#suffixes.set(base, suffix);
      name = `${base}-${suffix}`;
    }
    this.#names.add(name);
    return name;
  }

  define(name: string, body: string): void {
    this.#bodies.set(name, body);
    this.#length += name.length + body.length;
  }

  /** Defines a rule under a name made from `wish`, and returns that name. */
  add(wish: string, body: string): string {
    const name = this.reserve(wish);
    this.define(name, body);
    return name;
  }

  /** Defines a rule once for each `key`, which may use itself; its name is made from `wish`. */
  shared(key: string, body: () => string, wish: string = key): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.reserve(wish);
    this.#shared.set(key, name);
    this.define(name, body());
    return name;
  }

  /** The rule that was defined for `key`, if any. */
  known(key: string): string | undefined {
    return this.#shared.get(key);
  }

  toString(): string {
    return [...this.#bodies].map(([name, body]) => `${name} ::= ${body}\n`).join("");
  }
}

function sanitize(wish: string): string {
  const name = wish
    .replaceAll(/[^a-zA-Z0-9]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, "");
  return /^[a-zA-Z]/.test(name) ? name : `rule-${name}`;
}

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

/** Exactly `text`, as a GBNF expression. */
export function literal(text: string): string {
  const body = text.replaceAll(/["\\\p{Cc}]/gu, (character) => escapes[character] ?? hexEscape(character));
  return `"${body}"`;
}

const hexEscape = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** One of some expressions. */
export function anyOf(expressions: readonly string[]): string {
  const distinct = [...new Set(expressions)];
  const [only = '""'] = distinct;
  return distinct.length <= 1 ? only : `( ${distinct.join(" | ")} )`;
}

/** One of some texts, all different: what several begin with stands there once, so that the engine follows few readings. */
export function oneText(texts: readonly string[]): string {
  const groups = Map.groupBy(texts, (text) => charactersOf(text)[0]);
  return anyOf(
    [...groups.values()].map((group) => {
      const shared = sharedBeginning(group);
      if (group.length === 1) return literal(shared);
      return sequence(literal(shared), oneText(group.map((text) => text.slice(shared.length))));
    }),
  );
}

function sharedBeginning([first = "", ...others]: readonly string[]): string {
  const characters = charactersOf(first);
  while (!others.every((other) => other.startsWith(characters.join("")))) characters.pop();
  return characters.join("");
}

/** One expression after the other; empty ones are left out. */
export const sequence = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");

/** llama.cpp refuses repetitions of 2,000 and more; each takes memory and time there. */
const longestRepetition = 1000;

/**
 * `unit` between `least` and `most` times, `unit` being a rule's name, a class or one character. Limits beyond
 * what the engine takes are left open, so that the expression admits more, never less.
 */
export function repeated(unit: string, least: number, most: number): string {
  if (most === 0) return "";
  const from = Math.min(least, longestRepetition);
  if (most > longestRepetition) return from === 0 ? `${unit}*` : from === 1 ? `${unit}+` : `${unit}{${from},}`;
  if (most === 1) return from === 0 ? `${unit}?` : unit;
  return from === most ? `${unit}{${from}}` : `${unit}{${from},${most}}`;
}
