/**
 * What the tree leaves to its grammar, by production and child, at `production * width + child`; 0: none.
 * Children count without comments and other extras.
 */
export interface LanguageTables {
  width: number;
  /** Other types of node. */
  aliases: Uint16Array;
  /** Fields, but for those that a hidden child's own production gives. */
  fields: Uint16Array;
}

/** Reads the tables of a grammar from tree-sitter's memory; offsets are those of `TSLanguage`, ABI 13 to 15. */
export function readLanguageTables(memory: ArrayBuffer, language: number): LanguageTables {
  const words = new Uint32Array(memory);
  const halves = new Uint16Array(memory);
  const bytes = new Uint8Array(memory);
  const word = (offset: number): number => words[(language + offset) >> 2] ?? 0;
  const [productions, fieldCount, slices, entries, aliasTable] = [word(28), word(32), word(64), word(68), word(84)];
  const aliasWidth = halves[(language + 36) >> 1] ?? 0;
  // No production is longer: the entries count children in a byte.
  const width = 256;
  const aliases = new Uint16Array(productions * width);
  const fields = new Uint16Array(productions * width);
  for (let production = 1; production < productions; production++) {
    const row = (aliasTable >> 1) + production * aliasWidth;
    aliases.set(halves.subarray(row, row + aliasWidth), production * width);
  }
  for (let production = 0; fieldCount > 0 && production < productions; production++) {
    const slice = (slices >> 1) + 2 * production;
    const first = halves[slice] ?? 0;
    const length = halves[slice + 1] ?? 0;
    for (let entry = entries + 4 * first; entry < entries + 4 * (first + length); entry += 4) {
      const isInherited = bytes[entry + 3] !== 0;
      const cell = production * width + (bytes[entry + 2] ?? 0);
      if (!isInherited) fields[cell] ||= halves[entry >> 1] ?? 0;
    }
  }
  return { width, aliases, fields };
}
