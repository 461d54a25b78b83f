import type { ModelRequest } from "../../ports/model.ts";
import type { Message } from "../../protocol/messages.ts";
import type { ModelEvent } from "../../protocol/model-events.ts";
import type { ToolCall, ToolSignature } from "../../protocol/tool-call.ts";

/**
 * Servers render prompts by themselves and read control tokens wherever they stand, so that `<|im_end|>` in a file
 * would end the turn. The mark goes behind the first character: `<¦|im_end|>`. It is visible to people and models
 * (a zero-width character would be a trap for both), no tokeniser joins text across it, and hardly any text has it.
 * A text that looks escaped already gets one more mark, so that taking one away always gives back what was there.
 */
const mark = "¦";

const names = (
  "s bos eos pad unk mask sop eop cls sep SYS TOOLCALL TOOL_RESPONSE AVAILABLE_TOOLS think thinking thought " +
  "tool_calls? tool_responses? tools function_calls? function_results? tool_result arg_key arg_value " +
  "start_of_turn end_of_turn start_of_image end_of_image end_of_text start_of_text observation image_soft_token " +
  "extra_id_\\d+ unused\\d+ " +
  "(?:minimax|seed|tool_calls?|tool_sep|tool_responses?|think|arg_key|arg_value):[\\w-]{1,40}"
).split(" ");
const bracketed = (
  "INST TOOL_CALLS TOOL_RESULTS TOOL_CONTENT AVAILABLE_TOOLS SYSTEM_PROMPT ARGS CALL_ID THINK gMASK sMASK MASK " +
  "CLS SEP PAD UNK BOS EOS IMG IMG_BREAK IMG_END MODEL_SETTINGS PREFIX MIDDLE SUFFIX RESULT"
).split(" ");

/** A token that may be escaped already, as a regular expression: its first character, marks, the rest. */
const form = (first: string, rest: string): string => `${first}${mark}*${rest}`;

/** What control tokens look like in the families that we know. */
const forms = [
  // <|im_start|>, <|channel>, <turn|>, <|"|>, and DeepSeek's with fullwidth bars.
  form("<", "(?:[|｜][^\\s<>|｜]{1,64}[|｜]?|[^\\s<>|｜/=¦]{1,64}[|｜])>"),
  form("<", "\\/?[|｜][A-Za-z_▁]{1,32}[|｜]"),
  form("<", `\\/?(?:${names.join("|")})>`),
  form("<", "<\\/?SYS>>"),
  form("\\[", `\\/?(?:${bracketed.join("|")})\\]`),
  // MiniMax: ]~b] and the like.
  form("\\]", "~!?b[\\][]"),
  form("\\[", "e~\\["),
];

const likeControl = new RegExp(forms.join("|"), "gu");

/** A control token made plain. */
const marked = (token: string): string => `${token[0] ?? ""}${mark}${token.slice(1)}`;

/** A request that can be sent to a server that renders by itself. */
export interface EscapedRequest {
  request: ModelRequest;
  /** The escaped tokens as they stood in the conversation, one of each. */
  tokens: readonly string[];
  /** Texts of messages with such a token. */
  texts: readonly string[];
  /** Gives back what was there in the arguments of a call: models copy the escaped form out of files. */
  restore: (event: ModelEvent) => ModelEvent;
}

/** Escapes all texts of a request: messages, arguments of earlier calls, descriptions of tools. */
export function escapeRequest(request: ModelRequest): EscapedRequest {
  const originals = new Map<string, string>();
  const texts: string[] = [];
  const escape = (text: string): string =>
    text.replace(likeControl, (token) => {
      const escaped = marked(token);
      originals.set(escaped, token);
      return escaped;
    });
  const escapeText = (text: string): string => {
    const escaped = escape(text);
    if (escaped !== text) texts.push(text);
    return escaped;
  };
  const messages = request.messages.map((message) => escapeMessage(message, escapeText, escape));
  const tools = request.tools.map((tool): ToolSignature => deeply(tool, escape));
  const restore = (text: string): string =>
    originals.size === 0 ? text : text.replace(likeControl, (token) => originals.get(token) ?? token);
  return {
    request: { ...request, messages, tools },
    tokens: [...originals.values()],
    texts,
    restore: (event) => (event.type === "call-end" ? restoreCall(event.call, restore) : event),
  };
}

function restoreCall(call: ToolCall, restore: Change): ModelEvent {
  const args = deeply(call.args, restore);
  if (JSON.stringify(args) === JSON.stringify(call.args)) return { type: "call-end", call };
  const repair = { kind: "restore-control-token", detail: "control tokens were sent escaped, and copied so" };
  return { type: "call-end", call: { ...call, args, repairs: [...call.repairs, repair] } };
}

type Change = (text: string) => string;

function escapeMessage(message: Message, escapeText: Change, escape: Change): Message {
  const text = escapeText(message.text);
  if (message.role !== "assistant") return { ...message, text };
  const thought = message.thought === undefined ? {} : { thought: escape(message.thought) };
  return {
    ...message,
    ...thought,
    text,
    calls: message.calls.map((call) => ({ ...call, args: deeply(call.args, escape) })),
  };
}

/** Changes every string of a JSON value, keys included. */
function deeply<T>(value: T, change: Change): T {
  return changed(value, change) as T;
}

function changed(value: unknown, change: Change): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => changed(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), changed(item, change)]));
}

/** Tells of escaped texts, of each once. */
export class EscapeReport {
  readonly #told = new Set<string>();

  /** The words for a person; undefined when there is nothing new. */
  notice({ texts, tokens }: Pick<EscapedRequest, "texts" | "tokens">, server: string): string | undefined {
    const fresh = texts.filter((text) => !this.#told.has(text));
    if (fresh.length === 0) return undefined;
    for (const text of fresh) this.#told.add(text);
    const examples = tokens.slice(0, shownTokens).map(marked);
    const where = fresh.length === 1 ? "A text holds" : `${fresh.length} texts hold`;
    const more = tokens.length > shownTokens ? " and others" : "";
    return `${where} what ${server} would read as control tokens: sent as ${examples.join(", ")}${more}.`;
  }
}

const shownTokens = 3;
