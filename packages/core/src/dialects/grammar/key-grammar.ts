import {
  characterClass,
  charactersOf,
  type CodePoints,
  codePoint,
  codePointsOf,
  complement,
  includes,
  without,
} from "./code-points.ts";
import { type GrammarRules, literal, sequence } from "./rules.ts";
import { anyCharacter, characterOf, isQuotedOnly, type QuotedStyle, quoted } from "./string-rules.ts";
import type { SyntaxRules } from "./syntax-rules.ts";

/** The grammar grows with the letters of the names; beyond this many they are not left out. */
const mostLetters = 600;

/** How the letters of a key are written. */
interface Letters {
  plain: CodePoints;
  /** GBNF of one letter that is not plain. */
  others?: string;
  /** GBNF of one letter of any kind. */
  any: string;
  canBeEmpty: boolean;
}

/** Names by their first letter, then by their second, and so on. */
interface Trie {
  isName: boolean;
  next: Map<string, Trie>;
}

/** Any key but these, so that a further property cannot be a named one again. */
export function keyExcept(names: readonly string[], shared: SyntaxRules, name: string): string {
  const { bareKeys, strings } = shared.syntax;
  if (names.join("").length > mostLetters) return shared.freeKey();
  if (bareKeys !== undefined) {
    const letters = { plain: bareKeys, any: characterClass(bareKeys), canBeEmpty: false };
    return shared.rules.add(name, keyRule(trieOf(names, bareKeys), letters, shared.rules, name));
  }
  if (!isQuotedOnly(strings)) return shared.freeKey();
  const styles = strings.map((style) => {
    const trie = trieOf(names, style.escapes.plain);
    return quoted(style, keyRule(trie, quotedLetters(style, shared.rules), shared.rules, name));
  });
  return shared.rules.add(name, styles.join(" | "));
}

const quotedLetters = (style: QuotedStyle, rules: GrammarRules): Letters => ({
  plain: style.escapes.plain,
  others: characterOf(complement(style.escapes.plain), style, rules),
  any: anyCharacter(style, rules),
  canBeEmpty: true,
});

/** Names with letters that are not plain are not in it: they can be written in several ways. */
function trieOf(names: readonly string[], plain: CodePoints): Trie {
  const root: Trie = { isName: false, next: new Map() };
  for (const name of names) {
    const letters = charactersOf(name);
    if (!letters.every((letter) => includes(plain, codePoint(letter)))) continue;
    let at = root;
    for (const letter of letters) {
      const next = at.next.get(letter) ?? { isName: false, next: new Map() };
      at.next.set(letter, next);
      at = next;
    }
    at.isName = true;
  }
  return root;
}

/** The name of a rule for the rest of a key that must not end like a name. */
function keyRule({ isName, next }: Trie, letters: Letters, rules: GrammarRules, name: string): string {
  const { plain, others, any, canBeEmpty } = letters;
  const rest = `${any}*`;
  const within = { ...letters, canBeEmpty: true };
  const elsewhere = without(plain, codePointsOf([...next.keys()].join("")));
  return rules.add(
    `${name}-letter`,
    [
      ...[...next].map(([letter, trie]) => sequence(literal(letter), keyRule(trie, within, rules, name))),
      sequence(characterClass(elsewhere), rest),
      ...(others === undefined ? [] : [sequence(others, rest)]),
      ...(isName || !canBeEmpty ? [] : ['""']),
    ].join(" | "),
  );
}
