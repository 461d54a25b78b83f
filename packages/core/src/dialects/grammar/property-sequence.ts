import { anyOf, type GrammarRules, sequence } from "./rules.ts";

/** One property of an object or one argument of a call; `pair` is the GBNF of its name and value. */
export interface SequenceProperty {
  pair: string;
  required: boolean;
}

export interface SequenceOptions {
  rules: GrammarRules;
  /** Used in the names of rules that are added. */
  name: string;
  /** GBNF of what stands between two pairs. */
  separator: string;
  /** GBNF of any further pair; any number of them come last. */
  further?: string | undefined;
  /** At least one pair must be there, also where none is required. */
  isNeverEmpty?: boolean;
}

/**
 * The pairs in their order: all required ones and any of the others, then further ones. May be nothing when
 * nothing is required. The grammar grows with the number of properties, not with the number of subsets.
 */
export function propertySequence(
  properties: readonly SequenceProperty[],
  { rules, name, separator, further, isNeverEmpty = false }: SequenceOptions,
): string {
  const firstRequired = properties.findIndex(({ required }) => required);
  const lastFirst = firstRequired === -1 ? properties.length : firstRequired;
  const furtherRest = further === undefined ? "" : `( ${separator} ${further} )*`;
  // From the last property to the first. `first`: how the sequence may begin; `rest`: what may follow a pair.
  const first = further === undefined ? [] : [sequence(further, furtherRest)];
  let rest = furtherRest;
  for (const [index, property] of [...properties.entries()].toReversed()) {
    // Such a pair may begin the sequence or follow another, so that its text would be there twice.
    const shared = (expression: string, kind: string): string =>
      index > 0 && index <= lastFirst && expression !== "" ? rules.add(`${name}-${kind}`, expression) : expression;
    const pair = shared(property.pair, "pair");
    const after = shared(rest, "rest");
    if (property.required) first.length = 0;
    first.unshift(sequence(pair, after));
    rest = sequence(property.required ? `${separator} ${pair}` : `( ${separator} ${pair} )?`, after);
  }
  if (first.length === 0) return "";
  const canBeEmpty = firstRequired === -1 && !isNeverEmpty;
  return canBeEmpty ? `( ${first.join(" | ")} )?` : anyOf(first);
}
