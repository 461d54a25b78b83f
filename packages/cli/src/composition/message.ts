import { chooseCards } from "@trust-cli/core/cards";
import type { Said } from "@trust-cli/core/engine";
import { type Expansion, expandMentions, type MentionNote, parseMentions } from "@trust-cli/core/mentions";
import type { ScaffoldProfile } from "@trust-cli/core/ports";
import type { Message } from "@trust-cli/core/protocol";

import { mentionText } from "../print/mention-text.ts";
import type { App } from "./app.ts";
import { type MentionPlace, mentionSources } from "./mentions.ts";

/** Where a message is said: to a model with this profile, behind these messages. */
export interface MessagePlace {
  app: App;
  profile: ScaffoldProfile;
  messages: readonly Message[];
}

/** What a person mentions may fill a good third of what the model reads well. */
const charactersPerToken = 1.4;

/** What a turn begins with. Only in what the person typed are things meant by an `@`: the rest may be from strangers. */
export interface Spoken {
  text: string;
  typed: string;
}

/** A message with what it mentions and the cards that fit it, and what a person should know of that. */
export async function prepareMessage(
  { text, typed }: Spoken,
  { app, profile, messages, signal }: MessagePlace & { signal: AbortSignal },
): Promise<{ said: Said; notices: string[] }> {
  // A model that was trained on one line of text reads what is named by its tools.
  if (profile.prompt === "bare") return { said: { text: withoutSigns(text, typed) }, notices: [] };
  const place = { app, tools: app.toolsFor(profile), messages, signal };
  const { attached, notes } = await expand(typed, place, profile);
  const cards = chooseCards({ text, attached, messages, mode: app.config.mode, most: profile.cards });
  const all = [...cards, ...attached];
  return {
    said: { text, ...(all.length === 0 ? {} : { attached: all }) },
    notices: notes.length === 0 ? [] : [`with your message: ${notes.map(mentionText).join(", ")}`],
  };
}

const withoutSigns = (text: string, typed: string): string =>
  parseMentions(typed).reduce(
    (plain, mention) => (mention.kind === "place" ? plain.replace(mention.raw, mention.place) : plain),
    text,
  );

/** What a message would take along. Nothing counts as read by the model. */
export async function describeMentions(
  text: string,
  { app, profile, messages, signal }: MessagePlace & { signal: AbortSignal },
): Promise<readonly MentionNote[]> {
  if (profile.prompt === "bare") return [];
  const place = { app, tools: app.freshTools(profile), messages, signal };
  return (await expand(text, place, profile)).notes;
}

/** Costs nothing where nothing is mentioned. */
async function expand(text: string, place: MentionPlace, { promptTokens }: ScaffoldProfile): Promise<Expansion> {
  if (parseMentions(text).length === 0) return { attached: [], notes: [] };
  return await expandMentions(text, mentionSources(place), Math.floor(promptTokens * charactersPerToken));
}
