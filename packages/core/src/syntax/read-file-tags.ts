import type { FileTags } from "../protocol/code.ts";
import type { Grammar } from "./grammar.ts";
import { partialTags } from "./partial-tags.ts";
import { readTags } from "./tags.ts";

/** Parses a text; what cannot be read through gives partial tags. */
export function readFileTags(language: string, text: string, grammar: Grammar): FileTags {
  const { foreignWords, errors } = grammar.rules;
  // Another first letter of the same width: names are read from the text itself.
  const parsed = foreignWords === undefined ? text : text.replaceAll(foreignWords, (word) => `X${word.slice(1)}`);
  try {
    const tags = grammar.parse(parsed, (tree) => readTags(tree, text, grammar));
    if (tags === undefined) return partialTags(language);
    const more = tags.errors.length === 0 ? (errors?.(text) ?? []) : [];
    return { language, ...tags, errors: [...tags.errors, ...more], isPartial: false };
  } catch (error) {
    if (error instanceof RangeError) return partialTags(language);
    throw error;
  }
}
