import type { Refusal } from "../server/server-errors.ts";

export type ThoughtField = "reasoning_content" | "reasoning";

/**
 * What one server was found to speak: by what it refuses and what it sends, never by its name. `refused` are fields
 * that it does not take.
 */
export interface ServerTraits {
  api: "chat" | "responses";
  /** The server has answered over this API. */
  isApiProven: boolean;
  limitField: "max_tokens" | "max_completion_tokens" | undefined;
  /**
   * How a call is made sure of: by the field for it, by binding the whole reply to the call's schema, or not at all.
   * Of a tool by name there is no other word: some servers take a name for "auto", in silence.
   */
  toolChoice: "required" | "schema" | "auto";
  /** How a reply can be bound to a schema. */
  replyFormat: "json_schema" | "json_object" | undefined;
  refused: ReadonlySet<string>;
  /** Where thoughts come, and earlier ones are sent back. */
  thoughtField: ThoughtField | undefined;
}

/** Chat completions, with everything that some servers know and the others pass over. */
export const usualTraits: ServerTraits = {
  api: "chat",
  isApiProven: false,
  limitField: "max_tokens",
  toolChoice: "required",
  replyFormat: "json_schema",
  refused: new Set(),
  thoughtField: undefined,
};

/** Fields that a request can do without. */
const spare = (
  "stream_options parallel_tool_calls return_progress store max_output_tokens chat_template_kwargs " +
  "top_k min_p repeat_penalty seed temperature top_p"
).split(" ");

const routeMissing = new Set([404, 405, 501]);
/** A server that lacks the address says so, and so may one that lacks the model. */
export const isRouteMissing = ({ status }: Refusal): boolean => routeMissing.has(status);

const notAboutFields = new Set([401, 403, 404, 405, 408, 429, 502, 503, 504]);

/**
 * What a refused request teaches: the traits to try next, or undefined when the refusal is about something else.
 * Each lesson gives something up, so that they end. `sent`: the body that was refused.
 */
export function learnFrom(traits: ServerTraits, refusal: Refusal, sent: Sent): ServerTraits | undefined {
  const { status, words } = refusal;
  if (isRouteMissing(refusal)) {
    return traits.api === "chat" && !traits.isApiProven ? { ...traits, api: "responses" } : undefined;
  }
  if (notAboutFields.has(status)) return undefined;
  const isNamed = (field: string): boolean => new RegExp(`\\b${field}\\b`).test(words);
  for (const lesson of lessons) {
    const learned = lesson(traits, isNamed, sent);
    if (learned !== undefined) return learned;
  }
  return undefined;
}

type Sent = Readonly<Record<string, unknown>>;
/** What is given up when the server's words are about a field; undefined when they are not, or it was not sent. */
type Lesson = (traits: ServerTraits, isNamed: (field: string) => boolean, sent: Sent) => ServerTraits | undefined;

const limits: Lesson = (traits, isNamed, sent) => {
  const { limitField: field } = traits;
  if (field === undefined || !(field in sent) || !isNamed(field)) return undefined;
  return { ...traits, limitField: field === "max_tokens" ? "max_completion_tokens" : undefined };
};

const choices: Lesson = (traits, isNamed, { tool_choice: choice }) => {
  if (choice === undefined || !isNamed("tool_choice")) return undefined;
  return choice === "required" ? withoutChoice(traits) : withRefused(traits, ["tool_choice"]);
};

/** What is left when the server does not force calls by the field for it. */
export function withoutChoice(traits: ServerTraits): ServerTraits | undefined {
  if (traits.toolChoice !== "required") return undefined;
  return { ...traits, toolChoice: traits.replyFormat === "json_schema" ? "schema" : "auto" };
}

const formats: Lesson = (traits, isNamed, sent) => {
  const isSent = "response_format" in sent || "text" in sent;
  if (!isSent || !["response_format", "json_schema", "text.format"].some(isNamed)) return undefined;
  return { ...traits, replyFormat: traits.replyFormat === "json_schema" ? "json_object" : undefined };
};

const thoughts: Lesson = (traits, isNamed) => {
  const { thoughtField: field, refused } = traits;
  return field !== undefined && isNamed(field) && !refused.has(field) ? withRefused(traits, [field]) : undefined;
};

const spares: Lesson = (traits, isNamed, sent) => {
  const named = spare.filter((field) => field in sent && isNamed(field));
  return named.length === 0 ? undefined : withRefused(traits, named);
};

const lessons: readonly Lesson[] = [limits, choices, formats, thoughts, spares];

const withRefused = (traits: ServerTraits, fields: readonly string[]): ServerTraits => ({
  ...traits,
  refused: new Set([...traits.refused, ...fields]),
});
