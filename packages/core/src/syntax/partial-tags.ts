import type { FileTags } from "../protocol/code.ts";

/** All that is known of a file which could not be read through. */
export const partialTags = (language: string): FileTags => ({
  language,
  definitions: [],
  references: [],
  imports: [],
  errors: [],
  isPartial: true,
});
