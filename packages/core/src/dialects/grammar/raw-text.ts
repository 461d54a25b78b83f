import { characterClass, charactersOf, codePointsOf, complement } from "./code-points.ts";
import { anyOf, type GrammarRules, literal, sequence } from "./rules.ts";

/**
 * Any text up to and with the first `marker`: what a reader takes that looks for the marker. One rule for each
 * count of the marker's characters that were just read (Knuth, Morris and Pratt), so that the engine never has
 * two readings to follow.
 */
export function rawTextThrough(marker: string, rules: GrammarRules): string {
  const characters = charactersOf(marker);
  const shorter = shorterBeginnings(characters);
  const state = (read: number): string => rules.shared(`through ${read} ${marker}`, () => stateBody(read), "through");
  const stateBody = (read: number): string => {
    const targets = transitions(characters, shorter, read);
    const steps = [...targets].map(([character, next]) =>
      sequence(literal(character), next === characters.length ? "" : state(next)),
    );
    const others = characterClass(complement(codePointsOf([...targets.keys()].join(""))));
    return [...steps, sequence(others, state(0))].join(" | ");
  };
  return characters.length === 0 ? anyOf([]) : state(0);
}

/** For each count of characters read: the longest shorter beginning of the marker that they end with. */
function shorterBeginnings(characters: readonly string[]): number[] {
  const lengths = [0, 0];
  for (let read = 1; read < characters.length; read++) {
    let length = lengths[read] ?? 0;
    while (length > 0 && characters[length] !== characters[read]) length = lengths[length] ?? 0;
    lengths[read + 1] = characters[length] === characters[read] ? length + 1 : 0;
  }
  return lengths;
}

/** How many characters of the marker are read after each character that is in it at such a place. */
function transitions(
  characters: readonly string[],
  shorter: readonly number[],
  read: number,
): ReadonlyMap<string, number> {
  const targets = new Map<string, number>();
  for (let length = read; ; length = shorter[length] ?? 0) {
    const character = characters[length] ?? "";
    if (!targets.has(character)) targets.set(character, length + 1);
    if (length === 0) return targets;
  }
}
