/** A GBNF grammar in the making (llama.cpp, grammars/README.md): named rules whose bodies are GBNF expressions. */
export class GrammarRules {
  readonly #bodies = new Map<string, string>();

  /** Defines a rule under a name made from `wish`, and returns that name. */
  add(wish: string, body: string): string {
    const base = sanitize(wish);
    let name = base;
    for (let suffix = 2; this.#bodies.has(name); suffix++) name = `${base}-${suffix}`;
    this.#bodies.set(name, body);
    return name;
  }

  /** Defines a rule once; later calls with the same name change nothing. */
  shared(name: string, body: () => string): string {
    if (!this.#bodies.has(name)) {
      this.#bodies.set(name, "");
      this.#bodies.set(name, body());
    }
    return name;
  }

  toString(): string {
    return [...this.#bodies].map(([name, body]) => `${name} ::= ${body}\n`).join("");
  }
}

function sanitize(wish: string): string {
  const name = wish.replaceAll(/[^a-zA-Z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "");
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
  const [only = '""'] = expressions;
  return expressions.length <= 1 ? only : `( ${expressions.join(" | ")} )`;
}

/** One expression after the other; empty ones are left out. */
export const sequence = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");
