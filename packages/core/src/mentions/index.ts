export { completeMention } from "./complete-mention.ts";
export { expandMentions, type Expansion, type MentionNote, type MentionSources } from "./expand-mentions.ts";
export { matchingFiles } from "./matching-files.ts";
export { parseMentions } from "./parse-mentions.ts";
